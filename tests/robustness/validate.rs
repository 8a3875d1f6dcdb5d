//! One validator, with one named error, for each promise of a watch.

use std::fmt;

use frontierd::proto::v1::watch_leaderboard_response::Frame;
use frontierd::proto::v1::{Delta, SnapshotChunk, Standing};

use crate::history::{History, Watch};
use crate::oracle::Rows;

/// A promise that was broken, in which watch of the history, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::enum_variant_names,
    reason = "each is a promise that is not kept"
)]
pub(crate) enum Broken {
    NotOrdered(usize, String),
    NotUnique(usize, String),
    NotAtomic(usize, String),
    NotReliable(usize, String),
    NotResumable(usize, String),
    NotBookmarkable(usize, String),
    NotDurable(usize, String),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (promise, watch, how) = match self {
            Self::NotOrdered(watch, how) => ("ordered: revisions never go back", watch, how),
            Self::NotUnique(watch, how) => ("unique: no revision twice", watch, how),
            Self::NotAtomic(watch, how) => {
                ("atomic: one delta holds all of its revisions", watch, how)
            }
            Self::NotReliable(watch, how) => ("reliable: nothing is skipped", watch, how),
            Self::NotResumable(watch, how) => ("resumable: after R comes R+1", watch, how),
            Self::NotBookmarkable(watch, how) => ("bookmarkable: progress is true", watch, how),
            Self::NotDurable(watch, how) => ("durable: nothing is taken back", watch, how),
        };
        write!(f, "watch {watch} is not {promise}: {how}")
    }
}

/// Judges one watch of a history, given its number.
type Validator = fn(&History, usize, &Watch) -> Result<(), Broken>;

pub(crate) const VALIDATORS: [(&str, Validator); 7] = [
    ("ordered", ordered),
    ("unique", unique),
    ("atomic", atomic),
    ("reliable", reliable),
    ("resumable", resumable),
    ("bookmarkable", bookmarkable),
    ("durable", durable),
];

/// Everything that is broken, by all validators.
pub(crate) fn validate(history: &History) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (number, watch) in history.watches.iter().enumerate() {
        for (_, validator) in VALIDATORS {
            broken.extend(validator(history, number, watch).err());
        }
    }
    broken.extend(answers(history).err());
    broken
}

/// 1. Revisions never go back.
fn ordered(_: &History, number: usize, watch: &Watch) -> Result<(), Broken> {
    let mut before = watch.after().unwrap_or(0);
    for frame in &watch.frames {
        if frame.revision < before {
            let how = format!("revision {} after {before}", frame.revision);
            return Err(Broken::NotOrdered(number, how));
        }
        before = frame.revision;
    }
    Ok(())
}

/// 2. No revision is told twice: deltas cover stretches that do not overlap, nor what was held before.
fn unique(_: &History, number: usize, watch: &Watch) -> Result<(), Broken> {
    let mut told = watch.after().unwrap_or(0);
    for (revision, frame) in watch.contents() {
        if let Frame::Delta(delta) = frame {
            // The same end is another matter: a revision in two parts.
            if delta.from_revision < told && revision != told {
                let how = format!(
                    "a delta covers ({}, {revision}], {told} was held",
                    delta.from_revision
                );
                return Err(Broken::NotUnique(number, how));
            }
            for event in delta.boards.iter().flat_map(|board| &board.events) {
                if event.revision <= delta.from_revision {
                    let how = format!("an event of {} again at {revision}", event.revision);
                    return Err(Broken::NotUnique(number, how));
                }
            }
        }
        told = told.max(revision);
    }
    Ok(())
}

/// 3. All changes of a revision come in one delta, and a snapshot is of one revision and whole.
fn atomic(_: &History, number: usize, watch: &Watch) -> Result<(), Broken> {
    let mut before: Option<i64> = None;
    let mut collecting: Option<i64> = None;
    for (revision, frame) in watch.contents() {
        let torn = |how: String| Err(Broken::NotAtomic(number, how));
        if let Some(snapshot) = collecting
            && (revision != snapshot || matches!(frame, Frame::Delta(_) | Frame::Progress(_)))
        {
            return torn(format!("a snapshot of {snapshot} is torn by {revision}"));
        }
        match frame {
            Frame::Snapshot(_) => collecting = Some(revision),
            Frame::SnapshotEnd(_) => collecting = None,
            Frame::Delta(delta) => {
                if before == Some(revision) {
                    return torn(format!("revision {revision} comes in two deltas"));
                }
                before = Some(revision);
                let rows = delta.boards.iter().flat_map(|board| &board.rows);
                if let Some(row) = rows.into_iter().find(|row| row.result_revision > revision) {
                    let of = row.result_revision;
                    return torn(format!("a delta up to {revision} has a row of {of}"));
                }
            }
            Frame::Progress(_) => {}
        }
    }
    Ok(())
}

/// What a client holds that folds a watch.
struct Held<'a> {
    history: &'a History,
    watch: &'a Watch,
    rows: Rows,
    collecting: Rows,
    revision: Option<i64>,
}

impl<'a> Held<'a> {
    fn begin(history: &'a History, watch: &'a Watch) -> Self {
        let revision = watch.after();
        let rows = revision.map_or_else(Rows::new, |at| history.rows(&watch.request, at));
        Self {
            history,
            watch,
            rows,
            collecting: Rows::new(),
            revision,
        }
    }

    /// Takes a frame in; an error = something was skipped.
    fn take(&mut self, revision: i64, frame: &Frame) -> Result<(), String> {
        match frame {
            Frame::Snapshot(chunk) => {
                self.collect(chunk);
                return Ok(());
            }
            Frame::SnapshotEnd(_) => self.rows = std::mem::take(&mut self.collecting),
            Frame::Delta(delta) => {
                if Some(delta.from_revision) != self.revision {
                    let (held, from) = (self.revision, delta.from_revision);
                    return Err(format!("{held:?} is held, a delta goes on after {from}"));
                }
                self.change(delta);
            }
            Frame::Progress(_) => {}
        }
        self.revision = Some(revision);
        Ok(())
    }

    fn collect(&mut self, chunk: &SnapshotChunk) {
        let rows = self.collecting.entry(chunk.board.clone()).or_default();
        rows.extend(chunk.rows.iter().map(by_model));
    }

    fn change(&mut self, delta: &Delta) {
        for board in &delta.boards {
            let rows = self.rows.entry(board.board.clone()).or_default();
            rows.extend(board.rows.iter().map(by_model));
            for model in &board.left {
                rows.remove(model);
            }
        }
    }

    /// Whether what is held is what `GetLeaderboard` answers at that revision.
    fn is_true(&self) -> Result<(), String> {
        let revision = self.revision.unwrap_or(0);
        if revision > self.history.head() {
            // That is for `durable` to say.
            return Ok(());
        }
        let mut held = self.rows.clone();
        held.retain(|_, rows| !rows.is_empty());
        let expected = self.history.rows(&self.watch.request, revision);
        if held == expected {
            return Ok(());
        }
        let differs = (expected
            .iter()
            .flat_map(|(board, rows)| rows.values().map(move |row| (board, row))))
        .find(|(board, row)| held.get(*board).and_then(|rows| rows.get(&row.model)) != Some(row));
        let differs = differs.map(|(board, row)| format!("`{}` of `{board}`", row.model));
        Err(format!(
            "at {revision} other rows are held than answered: {differs:?}"
        ))
    }
}

fn by_model(row: &Standing) -> (String, Standing) {
    (row.model.clone(), row.clone())
}

/// 4. Nothing is skipped: what is held after a snapshot or delta is what `GetLeaderboard` answers there.
fn reliable(history: &History, number: usize, watch: &Watch) -> Result<(), Broken> {
    let broken = |how| Broken::NotReliable(number, how);
    let mut held = Held::begin(history, watch);
    for (at, (revision, frame)) in watch.contents().enumerate() {
        // Where a resumed watch begins is for `resumable` to say.
        let resuming = at == 0 && watch.after().is_some();
        match held.take(revision, frame) {
            Err(_) if resuming => return Ok(()),
            taken => taken.map_err(broken)?,
        }
        if matches!(frame, Frame::Delta(_) | Frame::SnapshotEnd(_)) {
            held.is_true().map_err(broken)?;
        }
    }
    Ok(())
}

/// 5. After R comes R+1, whatever happened between; only what the ring no longer has is refused, or sent whole if asked.
fn resumable(_: &History, number: usize, watch: &Watch) -> Result<(), Broken> {
    let Some(after) = &watch.request.after else {
        return Ok(());
    };
    let broken = |how| Err(Broken::NotResumable(number, how));
    if let Some(refused) = &watch.refused {
        // Overload is no statement about the revision: ask again.
        if refused.reason == "TOO_MANY" {
            return Ok(());
        }
        let gone = refused.reason == "REVISION_COMPACTED" && refused.oldest > after.revision;
        if gone && !after.resnapshot {
            return Ok(());
        }
        return broken(format!(
            "after {} is refused: {} although {} can be resumed after",
            after.revision, refused.reason, refused.oldest
        ));
    }
    match watch.contents().next() {
        Some((_, Frame::Delta(delta))) if delta.from_revision != after.revision => broken(format!(
            "after {} comes {}",
            after.revision,
            delta.from_revision + 1
        )),
        Some((_, Frame::Snapshot(_) | Frame::SnapshotEnd(_))) if !after.resnapshot => {
            // The definition of a board may have changed, which is a snapshot in band, of a later revision.
            let first = watch.frames[0].revision;
            if first > after.revision {
                return Ok(());
            }
            broken(format!(
                "after {} comes a snapshot of {first}",
                after.revision
            ))
        }
        _ => Ok(()),
    }
}

/// 6. Progress is true: everything up to there is held, and nothing of before comes after it.
fn bookmarkable(history: &History, number: usize, watch: &Watch) -> Result<(), Broken> {
    let broken = |how| Broken::NotBookmarkable(number, how);
    let mut held = Held::begin(history, watch);
    let mut marked = None;
    for (revision, frame) in watch.contents() {
        if let (Some(marked), Frame::Delta(delta)) = (marked, frame)
            && delta.from_revision < marked
        {
            let from = delta.from_revision;
            return Err(broken(format!(
                "progress said {marked}, then came ({from}, {revision}]"
            )));
        }
        if held.take(revision, frame).is_err() {
            // That is for `reliable` and `resumable` to say.
            return Ok(());
        }
        if matches!(frame, Frame::Progress(_)) {
            held.is_true().map_err(broken)?;
            marked = Some(revision);
        }
    }
    Ok(())
}

/// 7. Nothing is shown that a crash takes back: the next life begins at or after all that was shown.
fn durable(history: &History, number: usize, watch: &Watch) -> Result<(), Broken> {
    let broken = |how| Err(Broken::NotDurable(number, how));
    let next = history.heads.get(watch.life + 1);
    let kept = next.copied().unwrap_or(history.head());
    for frame in &watch.frames {
        if frame.revision > kept {
            return broken(format!("{} was shown, {kept} was found", frame.revision));
        }
        if frame.store_id != history.store_id {
            return broken(format!("a frame is of store `{}`", frame.store_id));
        }
    }
    Ok(())
}

/// What `GetLeaderboard` answered is what the log says, so that comparing with the log is comparing with the answers.
fn answers(history: &History) -> Result<(), Broken> {
    for (number, answer) in history.answers.iter().enumerate() {
        let mut rows = answer.rows.clone();
        rows.retain(|_, rows| !rows.is_empty());
        if rows != history.rows(&answer.request, answer.revision) {
            let how = format!("an answer at {} differs from the log", answer.revision);
            return Err(Broken::NotReliable(number, how));
        }
    }
    Ok(())
}
