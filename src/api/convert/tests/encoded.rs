//! What is written field by field is what the generated messages write.

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage, Value};

use super::super::answer::warning;
use super::super::*;
use super::draw::Draw;
use crate::board::answer::{Listing, SubmitOutcome};
use crate::board::query::{BoardName, Order};
use crate::proto::v1;

const SEEDS: u64 = 2_000;

fn submitted(accepted: Accepted, outcome: SubmitOutcome) -> v1::SubmitResultResponse {
    let strings = |ids: Vec<crate::model::ModelId>| ids.iter().map(ToString::to_string).collect();
    v1::SubmitResultResponse {
        revision: accepted.revision as i64,
        standing: outcome.standing.map(standing),
        previous_standing: outcome.previous.map(standing),
        displaced: strings(outcome.displaced),
        displaced_count: outcome.displaced_count as i32,
        frontier_entered: strings(outcome.frontier_entered),
        frontier_left: strings(outcome.frontier_left),
        fitted_trend: outcome.fitted.map(fitted_trend),
        price_to_reach: outcome.price_to_reach.map(price_to_reach),
        warnings: accepted.warnings.into_iter().map(warning).collect(),
        replayed: accepted.replayed,
        counting: outcome.counting,
    }
}

#[test]
fn an_answer_to_a_submission_is_its_message() {
    for seed in 0..SEEDS {
        let mut draw = Draw::new(seed);
        let (accepted, outcome) = (draw.accepted(), draw.outcome());
        let index = accepted.revision as i64 / 3;
        let alone = submit_response(&accepted, &outcome).encode_to_vec();
        let item = accepted_item(index, &accepted, &outcome).encode_to_vec();
        let message = submitted(accepted, outcome);
        assert_eq!(alone, message.encode_to_vec(), "seed {seed}");
        let message = v1::SubmitResultsResponse {
            index,
            outcome: Some(v1::submit_results_response::Outcome::Accepted(message)),
        };
        assert_eq!(item, message.encode_to_vec(), "seed {seed}");
    }
}

#[test]
fn a_standing_is_its_message() {
    for seed in 0..SEEDS {
        let mut row = Draw::new(seed).standing();
        let own = encoded_intrinsic(&row).encode_to_vec();
        let alone = encoded_standing(&row).encode_to_vec();
        let answer = get_standing_response(seed, &row).encode_to_vec();
        let message = standing(row.clone());
        row.relative = None;
        assert_eq!(own, standing(row).encode_to_vec(), "seed {seed}");
        assert_eq!(alone, message.encode_to_vec(), "seed {seed}");
        let message = v1::GetStandingResponse {
            revision: seed as i64,
            standing: Some(message),
        };
        assert_eq!(answer, message.encode_to_vec(), "seed {seed}");
    }
}

fn listed(listing: Listing, answer: ListingAnswer, order: v1::Order) -> v1::GetLeaderboardResponse {
    let basis = Some(listing.basis);
    v1::GetLeaderboardResponse {
        revision: listing.revision as i64,
        board: answer.board.to_string(),
        order: order as i32,
        cost_basis: super::super::enums::ToWire::wire(basis),
        rows: listing.rows.into_iter().map(standing).collect(),
        next_page_token: answer.next_page_token,
        row_count: listing.row_count as i32,
        unranked_count: listing.unranked_count as i32,
        standing_count: listing.standing_count as i32,
        unit: listing.unit.to_string(),
        higher_is_better: listing.higher_is_better,
        store_id: answer.store_id,
    }
}

fn page(order: Order) -> ListingAnswer {
    ListingAnswer {
        board: BoardName::Suite("agents".into()),
        order,
        store_id: "store".to_owned(),
        next_page_token: "page".to_owned(),
    }
}

#[test]
fn a_leaderboard_is_its_message() {
    let orders = [
        (Order::Score, v1::Order::Score),
        (Order::Cost, v1::Order::Unspecified),
    ];
    for seed in 0..SEEDS / 4 {
        for (order, word) in orders {
            let listing = Draw::new(seed).listing();
            let encoded = leaderboard(&listing, &page(order)).encode_to_vec();
            let message = listed(listing, page(order), word);
            assert_eq!(encoded, message.encode_to_vec(), "seed {seed}");
        }
    }
}

/// Fails where a message, or one in it, leaves a field of its definition out.
fn assert_whole(message: &DynamicMessage) {
    for field in message.descriptor().fields() {
        let name = field.full_name();
        let whole = |value: &Value| {
            if let Value::Message(inner) = value {
                assert_whole(inner);
            }
        };
        match message.get_field(&field).as_ref() {
            // Of the outcomes of an item one is given.
            _ if field
                .containing_oneof()
                .is_some_and(|one| one.fields().len() > 1) => {}
            Value::List(items) => {
                assert!(!items.is_empty(), "{name} is empty");
                items.iter().for_each(whole);
            }
            value => {
                assert!(message.has_field(&field), "{name} is absent");
                whole(value);
            }
        }
    }
}

/// A field that is added to the API and forgotten here would be answered with its default for ever.
#[test]
fn no_field_of_an_answer_is_left_out() {
    let pool = DescriptorPool::decode(crate::proto::DESCRIPTORS).expect("descriptors");
    let check = |name: &str, bytes: Vec<u8>| {
        let descriptor = pool.get_message_by_name(name).expect("a message");
        let message = DynamicMessage::decode(descriptor, bytes.as_slice()).expect("a message");
        assert_whole(&message);
    };
    let mut draw = Draw::everything();
    let (accepted, outcome) = (draw.accepted(), draw.outcome());
    let answer = submit_response(&accepted, &outcome);
    check("frontier.v1.SubmitResultResponse", answer.encode_to_vec());
    let answer = leaderboard(&draw.listing(), &page(Order::Score));
    check("frontier.v1.GetLeaderboardResponse", answer.encode_to_vec());
    let answer = get_standing_response(7, &draw.standing());
    check("frontier.v1.GetStandingResponse", answer.encode_to_vec());
}
