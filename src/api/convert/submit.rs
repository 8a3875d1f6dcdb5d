//! Results and their status: requests to drafts.

use super::enums::{self, AnswerDetail};
use super::parts;
use super::request_key;
use crate::intake::{self, Context, Field, GivenUncertainty};
use crate::limits::{HARNESS_BYTES_MAX, NAME_BYTES_MAX, OBSERVED_DAYS_AHEAD_MAX, URL_BYTES_MAX};
use crate::model::{
    Change, CostBasis, Draft, Reason, Refusal, ResultDraft, Text, Tokens, Uncertainty,
};
use crate::proto::v1;

/// A result to submit, and how to answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The draft.
    pub draft: Draft,
    /// Answer what would happen and write nothing.
    pub validate_only: bool,
    /// Basis of the answer; none = the board's default.
    pub basis: Option<CostBasis>,
    /// How much to answer.
    pub detail: AnswerDetail,
}

/// `SubmitResultRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn submit_result(
    message: v1::SubmitResultRequest,
    context: &Context,
) -> Result<Submission, Refusal> {
    let v1::SubmitResultRequest {
        result,
        request_id,
        validate_only,
        require_known_model,
        cost_basis,
    } = message;
    Ok(Submission {
        draft: submission(result, &request_id, require_known_model, context)?,
        validate_only,
        basis: enums::cost_basis(cost_basis, "cost_basis")?,
        detail: AnswerDetail::Full,
    })
}

/// `SubmitResultsRequest`: one item of a stream. It has the same request key as the same result in a call of its own.
///
/// # Errors
/// As [`submit_result`].
pub fn submit_results(
    message: v1::SubmitResultsRequest,
    context: &Context,
) -> Result<Submission, Refusal> {
    let v1::SubmitResultsRequest {
        result,
        request_id,
        answer_detail,
        validate_only,
        require_known_model,
    } = message;
    Ok(Submission {
        draft: submission(result, &request_id, require_known_model, context)?,
        validate_only,
        basis: None,
        detail: enums::answer_detail(answer_detail, "answer_detail")?,
    })
}

fn submission(
    result: Option<v1::Result>,
    request_id: &str,
    require_known_model: bool,
    context: &Context,
) -> Result<Draft, Refusal> {
    let result = result.ok_or_else(|| {
        Field::from("result").refuse(
            Reason::FieldRequired,
            "is missing: give benchmark, model and score",
        )
    })?;
    let request = request_key(request_id, "SubmitResult", &result, context)?;
    let draft = result_draft(result, require_known_model, context)?;
    Ok(Draft {
        author: context.author.clone(),
        request,
        change: Change::SubmitResult(Box::new(draft)),
    })
}

fn result_draft(
    message: v1::Result,
    require_known_model: bool,
    context: &Context,
) -> Result<ResultDraft, Refusal> {
    let v1::Result {
        benchmark,
        model,
        score,
        unit,
        interval,
        standard_error,
        sample_count,
        run_cost,
        tokens,
        task_count,
        repeats,
        observed_date,
        evaluator,
        relationship,
        harness,
        harness_version,
        source_url,
        labels,
    } = message;
    let benchmark = intake::name(&benchmark, "result.benchmark")?;
    let model = intake::name(&model, "result.model")?;
    let score = required_score(score)?;
    let text =
        |value: &str, bytes_max, name| intake::text(value, bytes_max, Field::of("result", name));
    Ok(ResultDraft {
        benchmark,
        model,
        score,
        unit: match unit.as_str() {
            "" => None,
            unit => Some(intake::unit(unit, "result.unit")?),
        },
        uncertainty: uncertainty(interval, standard_error, sample_count, score)?,
        run_cost: parts::cost(run_cost, "result.run_cost")?,
        tokens: tokens.map(token_usage).transpose()?,
        task_count: task_count
            .map(|count| intake::count(count, "result.task_count"))
            .transpose()?,
        repeats: repeats
            .map(|count| intake::count(count.into(), "result.repeats").map(|count| count as u32))
            .transpose()?,
        observed: intake::earlier_date(
            &observed_date,
            OBSERVED_DAYS_AHEAD_MAX,
            context,
            "result.observed_date",
        )?,
        evaluator: evaluator_or_author(&evaluator, context)?,
        relationship: enums::relationship(relationship, "result.relationship".into())?
            .unwrap_or_default(),
        harness: text(&harness, HARNESS_BYTES_MAX, "harness")?,
        harness_version: text(&harness_version, HARNESS_BYTES_MAX, "harness_version")?,
        source_url: text(&source_url, URL_BYTES_MAX, "source_url")?,
        labels: intake::labels(&labels, "result.labels")?,
        require_known_model,
    })
}

fn required_score(score: Option<f64>) -> Result<f64, Refusal> {
    let field = Field::from("result.score");
    match score {
        Some(score) => intake::finite(score, field),
        None => Err(field.refuse(
            Reason::FieldRequired,
            "is missing: give the measured score; a score of zero is written `0`",
        )),
    }
}

fn uncertainty(
    interval: Option<v1::ScoreInterval>,
    standard_error: Option<f64>,
    sample_count: Option<i64>,
    score: f64,
) -> Result<Uncertainty, Refusal> {
    let interval = interval.map(|interval| {
        let v1::ScoreInterval {
            low,
            high,
            source: _,
            confidence_level,
        } = interval;
        (low, high, confidence_level)
    });
    let given = GivenUncertainty {
        interval,
        standard_error,
        sample_count,
    };
    intake::uncertainty(given, score, "result")
}

fn token_usage(message: v1::TokenUsage) -> Result<Tokens, Refusal> {
    let v1::TokenUsage {
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens,
    } = message;
    intake::tokens(
        [
            input_tokens,
            output_tokens,
            cache_read_tokens,
            cache_write_tokens,
        ],
        "result.tokens",
    )
}

fn evaluator_or_author(evaluator: &str, context: &Context) -> Result<Text, Refusal> {
    match evaluator {
        "" => Ok(context.author.clone()),
        evaluator => intake::text(evaluator, NAME_BYTES_MAX, "result.evaluator"),
    }
}

/// `SetResultStatusRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn set_result_status(
    message: v1::SetResultStatusRequest,
    context: &Context,
) -> Result<Draft, Refusal> {
    let content = v1::SetResultStatusRequest {
        request_id: String::new(),
        ..message.clone()
    };
    let v1::SetResultStatusRequest {
        revision,
        status,
        reason,
        request_id,
    } = message;
    let result = intake::revision(revision, "revision")?;
    let status = enums::status(status, "status")?.ok_or_else(|| {
        Field::from("status").refuse(
            Reason::FieldRequired,
            "is missing: say `STATUS_ACTIVE`, `STATUS_DISPUTED` or `STATUS_RETRACTED`",
        )
    })?;
    Ok(Draft {
        author: context.author.clone(),
        request: request_key(&request_id, "SetResultStatus", &content, context)?,
        change: Change::SetResultStatus {
            result,
            status,
            reason: intake::required_note(&reason, "reason")?,
        },
    })
}
