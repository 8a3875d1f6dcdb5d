//! Questions about boards and the catalog.

use super::enums;
use super::parts;
use crate::board::query::{AsOf, BoardName, Detail, ListingQuery, Order, RowFilter};
use crate::intake::{self, Field};
use crate::model::{BenchmarkId, CostBasis, Reason, Refusal, Revision, Text};
use crate::proto::v1;

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsk {
    /// Most rows wanted.
    pub limit: usize,
    /// As the previous answer gave it; empty = first page.
    pub token: String,
}

impl PageAsk {
    fn new(page_size: i32, token: String) -> Result<Self, Refusal> {
        Ok(Self {
            limit: intake::page_size(page_size, "page_size")?,
            token,
        })
    }
}

/// A board asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderboardAsk {
    /// Rows, order and limit; `offset` is 0 until the page token is read.
    pub listing: ListingQuery,
    /// Which board it is of: live, past or filtered.
    pub as_of: AsOf,
    /// Where to go on; empty = first page.
    pub page_token: String,
}

/// `GetLeaderboardRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn get_leaderboard(message: v1::GetLeaderboardRequest) -> Result<LeaderboardAsk, Refusal> {
    let v1::GetLeaderboardRequest {
        board,
        order,
        cost_basis,
        detail,
        row_filter,
        result_filter,
        as_of,
        reprice_at,
        min_score,
        min_coverage,
        page_size,
        page_token,
        cheapest,
    } = message;
    let order = enums::order(order, "order")?;
    Ok(LeaderboardAsk {
        listing: ListingQuery {
            board: board_name(&board)?,
            order: if cheapest { Order::Cost } else { order },
            basis: enums::cost_basis(cost_basis, "cost_basis")?,
            detail: enums::detail(detail, Detail::Full, "detail")?,
            rows: parts::row_filter(row_filter, "row_filter")?,
            min_score: min_score
                .map(|score| intake::finite(score, "min_score"))
                .transpose()?,
            min_coverage: min_coverage
                .map(|share| intake::share(share, "min_coverage"))
                .transpose()?,
            offset: 0,
            limit: intake::page_size(page_size, "page_size")?,
        },
        as_of: parts::selected(as_of, result_filter, &reprice_at)?,
        page_token,
    })
}

/// A board by name; the tag of a suite is checked too.
pub(super) fn board_name(text: &str) -> Result<BoardName, Refusal> {
    let name = BoardName::parse(text, "board")?;
    if let BoardName::Suite(tag) = &name {
        intake::tag(tag, "board")?;
    }
    Ok(name)
}

/// One standing asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingAsk {
    /// Which board.
    pub board: BoardName,
    /// Id or alias.
    pub model: Text,
    /// Cost basis; none = the board's default.
    pub basis: Option<CostBasis>,
    /// A point in the past.
    pub as_of: AsOf,
}

/// `GetStandingRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn get_standing(message: v1::GetStandingRequest) -> Result<StandingAsk, Refusal> {
    let v1::GetStandingRequest {
        board,
        model,
        cost_basis,
        as_of,
    } = message;
    Ok(StandingAsk {
        board: board_name(&board)?,
        model: intake::name(&model, "model")?,
        basis: enums::cost_basis(cost_basis, "cost_basis")?,
        as_of: parts::as_of(as_of)?,
    })
}

/// A comparison asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareAsk {
    /// Id or alias.
    pub a: Text,
    /// Id or alias.
    pub b: Text,
    /// Basis of the cost ratio; none = each board's default.
    pub basis: Option<CostBasis>,
    /// Only benchmarks with this tag.
    pub tag: Option<Text>,
    /// A point in the past.
    pub as_of: AsOf,
}

/// `CompareModelsRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn compare_models(message: v1::CompareModelsRequest) -> Result<CompareAsk, Refusal> {
    let v1::CompareModelsRequest {
        a,
        b,
        cost_basis,
        tag,
        as_of,
    } = message;
    Ok(CompareAsk {
        a: intake::name(&a, "a")?,
        b: intake::name(&b, "b")?,
        basis: enums::cost_basis(cost_basis, "cost_basis")?,
        tag: optional_tag(&tag)?,
        as_of: parts::as_of(as_of)?,
    })
}

fn optional_tag(tag: &str) -> Result<Option<Text>, Refusal> {
    match tag {
        "" => Ok(None),
        tag => intake::tag(tag, "tag").map(Some),
    }
}

/// Results asked for: at least one of benchmark and model is named.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultsAsk {
    /// Of which benchmark; none = all.
    pub benchmark: Option<BenchmarkId>,
    /// Of which model, an id or alias; none = all.
    pub model: Option<Text>,
    /// Which page.
    pub page: PageAsk,
}

/// `ListResultsRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn list_results(message: v1::ListResultsRequest) -> Result<ResultsAsk, Refusal> {
    let v1::ListResultsRequest {
        benchmark,
        model,
        page_size,
        page_token,
    } = message;
    if benchmark.is_empty() && model.is_empty() {
        return Err(Field::from("benchmark").refuse(
            Reason::FieldRequired,
            "and model are empty: name one or both",
        ));
    }
    Ok(ResultsAsk {
        benchmark: match benchmark.as_str() {
            "" => None,
            id => Some(BenchmarkId::parse(id, "benchmark")?),
        },
        model: parts::optional_name(&model, "model")?,
        page: PageAsk::new(page_size, page_token)?,
    })
}

/// `GetBenchmarkRequest`.
///
/// # Errors
/// [`Reason::IdMalformed`].
pub fn get_benchmark(message: &v1::GetBenchmarkRequest) -> Result<BenchmarkId, Refusal> {
    let v1::GetBenchmarkRequest { id } = message;
    BenchmarkId::parse(id, "id")
}

/// `ListBenchmarksRequest`: the tag wanted, and the page.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn list_benchmarks(
    message: v1::ListBenchmarksRequest,
) -> Result<(Option<Text>, PageAsk), Refusal> {
    let v1::ListBenchmarksRequest {
        tag,
        page_size,
        page_token,
    } = message;
    Ok((optional_tag(&tag)?, PageAsk::new(page_size, page_token)?))
}

/// `GetModelRequest`: an id or alias.
///
/// # Errors
/// Whatever `intake` refuses about a name.
pub fn get_model(message: &v1::GetModelRequest) -> Result<Text, Refusal> {
    let v1::GetModelRequest { id } = message;
    intake::name(id, "id")
}

/// `ListModelsRequest`: the models wanted, and the page.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn list_models(message: v1::ListModelsRequest) -> Result<(RowFilter, PageAsk), Refusal> {
    let v1::ListModelsRequest {
        filter,
        page_size,
        page_token,
    } = message;
    Ok((
        parts::row_filter(filter, "filter")?,
        PageAsk::new(page_size, page_token)?,
    ))
}

/// `ListClaimsRequest`: an id or alias.
///
/// # Errors
/// Whatever `intake` refuses about a name.
pub fn list_claims(message: &v1::ListClaimsRequest) -> Result<Text, Refusal> {
    let v1::ListClaimsRequest { model } = message;
    intake::name(model, "model")
}

/// `ExportLogRequest`: the first revision wanted.
///
/// # Errors
/// [`Reason::OutOfRange`] for negative revisions.
pub fn export_log(message: v1::ExportLogRequest) -> Result<Revision, Refusal> {
    let v1::ExportLogRequest { from_revision } = message;
    intake::non_negative(from_revision, "from_revision").map(|revision| revision.max(1))
}
