//! Bits that rot: found by `verify`, at the start or by the walk in the background; what is sound is kept by `recover`.

use std::fs;
use std::path::{Path, PathBuf};

use frontierd::client::Client;
use frontierd::log::{Log, SledLog, SledOptions};
use frontierd::proto::v1::{CreateCheckpointRequest, GetStatusRequest, GetStatusResponse};

use super::{define, failure, names, submission};
use crate::daemon::{Daemon, frontierd, serve};
use crate::lines::PATIENCE;

const RESULTS: usize = 60;

/// A store of some results, with a checkpoint at its head, that nobody serves.
async fn store(data: &Path) -> (String, String) {
    let daemon = Daemon::start(data);
    let mut client = daemon.client().await;
    define(&mut client).await;
    for number in 0..RESULTS {
        let answer = client.submit_result(submission(number)).await;
        answer.expect("accepted");
    }
    let checkpoint = client.create_checkpoint(CreateCheckpointRequest {}).await;
    checkpoint.expect("a checkpoint");
    let head = status(&mut client).await;
    let head = format!("{}:{}", head.head_revision, head.head_hash);
    let store_id = daemon.store_id.clone();
    drop(client);
    daemon.stop();
    (store_id, head)
}

async fn status(client: &mut Client) -> GetStatusResponse {
    let status = client.get_status(GetStatusRequest {}).await;
    status.expect("a status")
}

/// Changes the chunk at or below a revision behind everybody's back, as a bad copy or a foreign program would: sled's own
/// checksums hold. Answers its first revision.
pub(crate) fn rot(data: &Path, revision: u64) -> u64 {
    let db = sled::Config::new()
        .path(data.join("log"))
        .flush_every_ms(None)
        .open()
        .expect("sled opens");
    let chunks = db.open_tree("chunks").expect("a tree");
    let found = chunks.get_lt((revision + 1).to_be_bytes());
    let (key, bytes) = found.expect("it reads").expect("a chunk");
    let mut bytes = bytes.to_vec();
    let place = 200.min(bytes.len() - 1);
    bytes[place] ^= 0x10;
    chunks.insert(&key, bytes).expect("it writes");
    db.flush().expect("a flush");
    u64::from_be_bytes(key.as_ref().try_into().expect("a revision"))
}

fn recover(data: &Path, into: &Path) -> std::process::Command {
    let mut command = frontierd();
    command.args(["recover", "--data-dir"]).arg(data);
    command.arg("--into").arg(into);
    command
}

fn every_byte(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names(dir) {
        let path = dir.join(name);
        if path.is_dir() {
            found.extend(every_byte(&path));
        } else {
            let bytes = fs::read(&path).expect("a file");
            found.push((path, bytes));
        }
    }
    found
}

/// What the walk in the background says, once it has said something.
pub(crate) async fn scrubbed(client: &mut Client) -> GetStatusResponse {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let status = status(client).await;
        if status.scrubbed_time.is_some() || !status.log_fault.is_empty() {
            return status;
        }
        assert!(std::time::Instant::now() < deadline, "nothing was found");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_changed_chunk_is_named_by_verify_and_at_the_start() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("data");
    store(&data).await;
    assert_eq!(rot(&data, 31), 31);
    let mut verify = frontierd();
    verify.args(["verify", "--data-dir"]).arg(&data);
    let (code, said) = failure(&mut verify);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("chunk at revision `31`"), "{said}");

    // A start that reads it is refused, and says the way out.
    let (code, said) = failure(serve(&data).arg("--checkpoints=false"));
    assert_eq!(code, Some(1), "{said}");
    for word in ["revision `31`", "restore a backup", "frontierd recover"] {
        assert!(said.contains(word), "{said}");
    }

    // sled wrote the changed chunk somewhere else, so even that one is found as it was.
    let into = dir.path().join("recovered");
    let (code, said) = failure(&mut recover(&data, &into));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("revisions 1 to "), "{said}");
    Daemon::start(&into).stop();
}

/// Flips a bit of every copy of a chunk in sled's file.
fn rot_file(data: &Path, first: u64) {
    let chunk = {
        let (log, _) = SledLog::open(&data.join("log"), SledOptions::default()).expect("opens");
        let reader = log.reader();
        let chunk = reader.chunks(first).next().expect("a chunk");
        chunk.expect("a sound chunk").bytes
    };
    let path = data.join("log/db");
    let mut bytes = fs::read(&path).expect("the file");
    let found = |bytes: &[u8]| {
        bytes
            .windows(chunk.len())
            .position(|window| window == chunk)
    };
    let mut copies = 0;
    while let Some(at) = found(&bytes) {
        bytes[at + 200] ^= 0x10;
        copies += 1;
    }
    assert!(copies > 0);
    fs::write(&path, bytes).expect("a write");
}

#[tokio::test]
async fn what_is_sound_before_a_damaged_chunk_is_kept_in_a_new_store() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("data");
    let (store_id, _) = store(&data).await;
    rot_file(&data, 31);
    let before = every_byte(&data);
    let into = dir.path().join("recovered");
    let (code, said) = failure(&mut recover(&data, &into));
    assert_eq!(code, Some(0), "{said}");
    for word in [
        "revisions 1 to 30",
        "revisions 31 to 31 are damaged",
        "32 to 61",
    ] {
        assert!(said.contains(word), "{said}");
    }
    assert!(every_byte(&data) == before, "the old one is touched");

    let daemon = Daemon::start(&into);
    assert_eq!(daemon.revision, 30);
    assert_ne!(daemon.store_id, store_id);
    let mut client = daemon.client().await;
    for number in 0..RESULTS {
        let answer = client.submit_result(submission(number)).await;
        let answer = answer.expect("accepted");
        assert_eq!(answer.replayed, number < 29, "{number}");
    }
    drop(client);
    daemon.stop();
    let (code, said) = failure(&mut recover(&data, &into));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("exists already"), "{said}");

    // sled takes the damage for the end of its log; the mark beside it knows better.
    let (code, said) = failure(serve(&data).arg("--checkpoints=false"));
    assert_eq!(code, Some(1), "{said}");
    for word in ["had come to", "restore a backup", "frontierd recover"] {
        assert!(said.contains(word), "{said}");
    }
}

#[tokio::test]
async fn a_sound_log_is_found_sound_by_the_walk_in_the_background() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("data");
    store(&data).await;
    let daemon = Daemon::start(&data);
    let mut client = daemon.client().await;
    let sound = scrubbed(&mut client).await;
    assert_eq!(sound.scrubbed_revision, RESULTS as i64 + 1);
    assert_eq!(sound.log_fault, "");
    drop(client);
    daemon.stop();
}

/// Flips a bit at many places of sled's file. Whatever sled makes of it, nothing wrong is served and nobody panics.
#[tokio::test]
async fn a_flipped_bit_anywhere_in_the_file_is_refused_named_or_without_effect() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("data");
    let (_, head) = store(&data).await;
    let sound = fs::read(data.join("log/db")).expect("the file");
    let used = sound.iter().rposition(|byte| *byte != 0).expect("bytes");
    let mut outcomes = std::collections::BTreeMap::<&str, u32>::new();
    let mut kept = Vec::new();
    let places = flips();
    for place in 0..places {
        let copy = dir.path().join(format!("copy-{place}"));
        let log = copy.join("log");
        fs::create_dir_all(&log).expect("a directory");
        copy_files(&data.join("checkpoints"), &copy.join("checkpoints"));
        for name in names(&data.join("log")) {
            let from = data.join("log").join(&name);
            if from.is_file() {
                fs::copy(&from, log.join(&name)).expect("a copy");
            }
        }
        let mut bytes = sound.clone();
        let at = (used * place as usize / places as usize) + place as usize % 7;
        if place % 5 == 4 {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << (place % 8);
        }
        fs::write(log.join("db"), &bytes).expect("a write");
        let mut verify = frontierd();
        verify
            .args(["verify", "--expect", &head, "--data-dir"])
            .arg(&copy);
        let (code, said) = failure(&mut verify);
        let outcome = match code {
            Some(0) => "without effect",
            Some(1) if said.contains("breaks") => "named by verify",
            Some(1) if said.contains("frontierd recover") => "refused",
            _ => panic!("{code:?} at {at}: {said}"),
        };
        *outcomes.entry(outcome).or_default() += 1;
        if outcome == "refused" {
            let (code, said) = failure(&mut serve(&copy));
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains("frontierd recover"), "{said}");
            kept.push(recovered(
                &copy,
                &dir.path().join(format!("recovered-{place}")),
            ));
        }
        fs::remove_dir_all(&copy).expect("it is ours");
    }
    kept.sort_unstable();
    eprintln!(
        "{places} places: {outcomes:?}; of {} revisions `recover` kept {:?} at least and {:?} at the median",
        RESULTS + 1,
        kept.first(),
        kept.get(kept.len() / 2),
    );
}

/// Head of what is recovered; 0 = nothing.
fn recovered(data: &Path, into: &Path) -> u64 {
    let (code, said) = failure(recover(data, into).args(["--output", "json"]));
    if code == Some(1) {
        assert!(said.contains("beginning of the log"), "{said}");
        return 0;
    }
    assert_eq!(code, Some(0), "{said}");
    let head = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"headRevision\": \""));
    let head = head.and_then(|head| head.trim_end_matches(['"', ',']).parse().ok());
    let head = head.unwrap_or_else(|| panic!("{said}"));
    fs::remove_dir_all(into).expect("it is ours");
    head
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for name in names(from) {
        fs::copy(from.join(&name), to.join(&name)).expect("a copy");
    }
}

fn flips() -> u32 {
    match std::env::var("FRONTIERD_FLIPS") {
        Ok(flips) => flips.parse().expect("FRONTIERD_FLIPS is a number"),
        Err(_) => 40,
    }
}
