//! Answers around standings.

use super::{ANSWER_BYTES, Encoder, standing, trend};
use crate::api::convert::Accepted;
use crate::api::frame::Encoded;
use crate::board::answer::{Listing, Standing, SubmitOutcome, Warning};
use crate::board::query::{BoardName, Order};
use crate::model::Revision;

/// `SubmitResultResponse`.
pub fn submit_response(accepted: &Accepted, outcome: &SubmitOutcome) -> Encoded {
    let mut out = Encoder::with_room(ANSWER_BYTES);
    answer(&mut out, accepted, outcome);
    out.finish()
}

/// `SubmitResultsResponse` with a full answer.
pub fn accepted_item(index: i64, accepted: &Accepted, outcome: &SubmitOutcome) -> Encoded {
    let mut out = Encoder::with_room(ANSWER_BYTES);
    out.int(1, index);
    out.message(3, |out| answer(out, accepted, outcome));
    out.finish()
}

fn answer(out: &mut Encoder, accepted: &Accepted, outcome: &SubmitOutcome) {
    let Accepted {
        revision,
        replayed,
        warnings,
    } = accepted;
    let SubmitOutcome {
        standing: now,
        previous,
        displaced,
        displaced_count,
        frontier_entered,
        frontier_left,
        fitted,
        price_to_reach,
        counting,
    } = outcome;
    out.int(1, *revision as i64);
    row(out, 2, now.as_ref());
    row(out, 3, previous.as_ref());
    out.items(4, displaced);
    out.int(5, i64::from(*displaced_count));
    out.items(6, frontier_entered);
    out.items(7, frontier_left);
    if let Some(fitted) = fitted {
        out.message(8, |out| trend::fitted(out, fitted));
    }
    if let Some(price) = price_to_reach {
        out.message(9, |out| trend::price_to_reach(out, price));
    }
    for Warning { reason, message } in warnings {
        out.message(10, |out| {
            out.text(1, reason);
            out.text(2, message);
        });
    }
    out.flag(11, *replayed);
    out.flag(12, *counting);
}

fn row(out: &mut Encoder, field: u32, row: Option<&Standing>) {
    if let Some(row) = row {
        out.message(field, |out| standing::standing(out, row));
    }
}

/// `GetStandingResponse`.
pub fn get_standing_response(revision: Revision, standing: &Standing) -> Encoded {
    let mut out = Encoder::with_room(ANSWER_BYTES);
    out.int(1, revision as i64);
    row(&mut out, 2, Some(standing));
    out.finish()
}

/// What a listing was asked with and where it goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingAnswer {
    /// The board.
    pub board: BoardName,
    /// The order used.
    pub order: Order,
    /// Id of the store.
    pub store_id: String,
    /// Empty on the last page.
    pub next_page_token: String,
}

/// `GetLeaderboardResponse`. "Cheapest first" is answered as order `ORDER_UNSPECIFIED`.
pub fn leaderboard(listing: &Listing, answer: &ListingAnswer) -> Encoded {
    let Listing {
        revision,
        basis,
        rows,
        // In the page token.
        next: _,
        row_count,
        unranked_count,
        standing_count,
        unit,
        higher_is_better,
    } = listing;
    let ListingAnswer {
        board,
        order,
        store_id,
        next_page_token,
    } = answer;
    let mut out = Encoder::with_room(ANSWER_BYTES);
    out.int(1, *revision as i64);
    out.format(2, format_args!("{board}"));
    out.word(3, *order);
    out.word(4, *basis);
    for standing in rows {
        row(&mut out, 5, Some(standing));
    }
    out.text(6, next_page_token);
    out.int(7, i64::from(*row_count));
    out.int(8, i64::from(*unranked_count));
    out.int(9, i64::from(*standing_count));
    out.text(10, unit);
    out.flag(11, *higher_is_better);
    out.text(12, store_id);
    out.finish()
}
