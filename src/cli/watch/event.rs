//! Events of a frame: as JSON for a command, as sentences for people.

use serde_json::{Value, json};

use crate::cli::Failure;
use crate::cli::format::{short, usd, verdict};
use crate::cli::table::printable;
use crate::proto::json::to_value;
use crate::proto::v1::watch_leaderboard_response::Frame;
use crate::proto::v1::{BoardDelta, Event, EventKind, WatchLeaderboardResponse};

fn changes(frame: &WatchLeaderboardResponse) -> &[BoardDelta] {
    match &frame.frame {
        Some(Frame::Delta(delta)) => &delta.boards,
        _ => &[],
    }
}

/// Each event as one line of JSON: its own fields, and `board` and `storeId`.
pub(super) fn json_of(frame: &WatchLeaderboardResponse) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    for change in changes(frame) {
        for event in &change.events {
            let mut value = json!({ "storeId": frame.store_id, "board": change.board });
            if let (Value::Object(line), Value::Object(fields)) =
                (&mut value, to_value("Event", event)?)
            {
                line.extend(fields);
            }
            lines.push(value.to_string());
        }
    }
    Ok(lines)
}

/// Each event as a sentence, and a line for those that were dropped.
pub(in crate::cli) fn sentences(frame: &WatchLeaderboardResponse) -> Vec<String> {
    let mut lines = Vec::new();
    for change in changes(frame) {
        let board = &change.board;
        for event in &change.events {
            lines.push(printable(&format!(
                "{} {board}: {}",
                event.revision,
                sentence(event)
            )));
        }
        if change.events_dropped > 0 {
            lines.push(printable(&format!(
                "{} {board}: {} more events",
                frame.revision, change.events_dropped
            )));
        }
    }
    lines
}

fn sentence(event: &Event) -> String {
    let Event {
        model, other_model, ..
    } = event;
    let dollars = |cost: Option<f64>| cost.map_or_else(|| "an unknown price".to_owned(), usd);
    match event.kind() {
        EventKind::LeaderChanged if other_model.is_empty() => {
            format!("{model} leads, as the first")
        }
        EventKind::LeaderChanged => format!("{model} leads, before it was {other_model}"),
        EventKind::Overtaken => {
            let separated = match event.separated {
                Some(true) => ", by more than the uncertainty",
                Some(false) => ", within the uncertainty",
                None => "",
            };
            format!("{model} was overtaken by {other_model}{separated}")
        }
        EventKind::FrontierEntered => format!("{model} entered the frontier"),
        EventKind::FrontierLeft => format!("{model} left the frontier"),
        EventKind::CheaperAlternative => {
            let saving = event
                .saving_usd
                .map_or_else(String::new, |saving| format!(" by {}", usd(saving)));
            format!(
                "{other_model} costs less than {model}{saving}, and is as good or not separated"
            )
        }
        EventKind::Verdict => format!("{model} is {}", verdict(event.verdict())),
        EventKind::Disputed => format!("the counting result of {model} is disputed"),
        EventKind::Retracted => format!("a result of {model} was retracted"),
        EventKind::PriceChanged => format!(
            "the price of {model} changed from {} to {}",
            dollars(event.price_before_usd_per_mtok),
            dollars(event.price_after_usd_per_mtok)
        ),
        EventKind::Unspecified => {
            format!(
                "{} {model}",
                short(event.kind().as_str_name(), "EVENT_KIND_")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::Delta;

    fn frame() -> WatchLeaderboardResponse {
        let event = Event {
            kind: EventKind::CheaperAlternative.into(),
            revision: 7,
            model: "a/x".into(),
            other_model: "b/y".into(),
            saving_usd: Some(0.5),
            ..Event::default()
        };
        let change = BoardDelta {
            board: "mmlu".into(),
            events: vec![event],
            events_dropped: 2,
            ..BoardDelta::default()
        };
        WatchLeaderboardResponse {
            store_id: "s1".into(),
            revision: 7,
            frame: Some(Frame::Delta(Delta {
                from_revision: 6,
                boards: vec![change],
            })),
        }
    }

    #[test]
    fn a_command_gets_the_event_with_its_board() {
        assert_eq!(
            json_of(&frame()).expect("JSON"),
            [
                r#"{"storeId":"s1","board":"mmlu","kind":"EVENT_KIND_CHEAPER_ALTERNATIVE","revision":"7","model":"a/x","otherModel":"b/y","savingUsd":0.5}"#
            ]
        );
    }

    #[test]
    fn people_get_sentences_and_are_told_what_was_dropped() {
        assert_eq!(
            sentences(&frame()),
            [
                "7 mmlu: b/y costs less than a/x by $0.5, and is as good or not separated",
                "7 mmlu: 2 more events"
            ]
        );
        assert_eq!(
            sentences(&WatchLeaderboardResponse::default()),
            Vec::<String>::new()
        );
    }
}
