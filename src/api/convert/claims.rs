//! Prices and claims: requests to drafts.

use super::catalog::{expected, required};
use super::enums;
use super::parts;
use super::request_key;
use crate::intake::{self, Context, Field, TrainingFigures};
use crate::limits::{NAME_BYTES_MAX, OBSERVED_DAYS_AHEAD_MAX, PRICE_DAYS_AHEAD_MAX, URL_BYTES_MAX};
use crate::model::{
    Change, ClaimDraft, Draft, PriceDraft, ProviderId, Reason, Refusal, Revision, StatementDraft,
    Status, TrainingCost,
};
use crate::proto::v1;

/// `PutPriceRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn put_price(message: v1::PutPriceRequest, context: &Context) -> Result<Draft, Refusal> {
    let content = v1::PutPriceRequest {
        request_id: String::new(),
        ..message.clone()
    };
    let v1::PutPriceRequest {
        price,
        request_id,
        expected_revision,
    } = message;
    let draft = price_draft(
        required(price, "price")?,
        expected(expected_revision)?,
        context,
    )?;
    Ok(Draft {
        author: context.author.clone(),
        request: request_key(&request_id, "PutPrice", &content, context)?,
        change: Change::PutPrice(Box::new(draft)),
    })
}

fn price_draft(
    message: v1::Price,
    expected_revision: Option<Revision>,
    context: &Context,
) -> Result<PriceDraft, Refusal> {
    let v1::Price {
        model,
        provider,
        effective_date,
        input_usd_per_mtok,
        cache_read_usd_per_mtok,
        cache_write_usd_per_mtok,
        output_usd_per_mtok,
        source_url,
        withdrawn,
        revision: _,
        in_force: _,
        inherited: _,
    } = message;
    if !withdrawn && input_usd_per_mtok.is_none() && output_usd_per_mtok.is_none() {
        return Err(Field::of("price", "input_usd_per_mtok").refuse(
            Reason::FieldRequired,
            "and output_usd_per_mtok are missing: give them, or set `withdrawn` to stop the price from counting",
        ));
    }
    // Unlike other dates this one has no default: a price that silently starts today would rewrite standings.
    intake::date(&effective_date, "price.effective_date")?;
    let figure = |usd, name| intake::price_figure(usd, Field::of("price", name));
    Ok(PriceDraft {
        model: intake::name(&model, "price.model")?,
        provider: match provider.as_str() {
            "" => None,
            provider => Some(ProviderId::parse(provider, "price.provider")?),
        },
        effective: intake::earlier_date(
            &effective_date,
            PRICE_DAYS_AHEAD_MAX,
            context,
            "price.effective_date",
        )?,
        input: figure(input_usd_per_mtok, "input_usd_per_mtok")?,
        cache_read: figure(cache_read_usd_per_mtok, "cache_read_usd_per_mtok")?,
        cache_write: figure(cache_write_usd_per_mtok, "cache_write_usd_per_mtok")?,
        output: figure(output_usd_per_mtok, "output_usd_per_mtok")?,
        source_url: intake::text(&source_url, URL_BYTES_MAX, "price.source_url")?,
        withdrawn,
        expected_revision,
    })
}

/// `PutClaimRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn put_claim(message: v1::PutClaimRequest, context: &Context) -> Result<Draft, Refusal> {
    let content = v1::PutClaimRequest {
        request_id: String::new(),
        ..message.clone()
    };
    let v1::PutClaimRequest { claim, request_id } = message;
    let draft = claim_draft(required(claim, "claim")?, context)?;
    Ok(Draft {
        author: context.author.clone(),
        request: request_key(&request_id, "PutClaim", &content, context)?,
        change: Change::PutClaim(Box::new(draft)),
    })
}

fn claim_draft(message: v1::Claim, context: &Context) -> Result<ClaimDraft, Refusal> {
    let v1::Claim {
        model,
        statement: said,
        claimant,
        date,
        source_url,
        note,
        revision: _,
        status,
        pinned: _,
        counting: _,
        history: _,
    } = message;
    let status = match enums::status(status, "claim.status")?.unwrap_or_default() {
        Status::Retracted => {
            return Err(Field::from("claim.status").refuse(
                Reason::FieldMalformed,
                "is `STATUS_RETRACTED`: a new claim is `STATUS_ACTIVE` or `STATUS_DISPUTED`",
            ));
        }
        status => status,
    };
    Ok(ClaimDraft {
        model: intake::name(&model, "claim.model")?,
        statement: statement(said, context)?,
        claimant: intake::text(&claimant, NAME_BYTES_MAX, "claim.claimant")?,
        date: intake::earlier_date(&date, OBSERVED_DAYS_AHEAD_MAX, context, "claim.date")?,
        source_url: intake::text(&source_url, URL_BYTES_MAX, "claim.source_url")?,
        note: intake::note(&note, "claim.note")?,
        status,
    })
}

fn statement(
    said: Option<v1::claim::Statement>,
    context: &Context,
) -> Result<StatementDraft, Refusal> {
    use v1::claim::Statement;
    Ok(match said {
        Some(Statement::TrainingCost(message)) => {
            StatementDraft::TrainingCost(training_cost(message)?)
        }
        Some(Statement::TrainingDate(message)) => {
            let v1::TrainingDate {
                earliest,
                central,
                latest,
            } = message;
            StatementDraft::TrainingDate(intake::training_date(
                [&earliest, &central, &latest],
                context,
                "claim.training_date",
            )?)
        }
        Some(Statement::DerivedFrom(name)) => {
            StatementDraft::DerivedFrom(intake::name(&name, "claim.derived_from")?)
        }
        None => {
            return Err(Field::from("claim").refuse(
                Reason::FieldRequired,
                "states nothing: give `training_cost`, `training_date` or `derived_from`",
            ));
        }
    })
}

fn training_cost(message: v1::TrainingCost) -> Result<TrainingCost, Refusal> {
    const PARENT: &str = "claim.training_cost";
    let v1::TrainingCost {
        cost,
        accelerator,
        accelerator_count,
        accelerator_hours,
        usd_per_hour,
        scope,
    } = message;
    let figures = TrainingFigures {
        cost: cost
            .map(|cost| parts::cost_figures(cost, "claim.training_cost.cost"))
            .transpose()?,
        accelerator: &accelerator,
        accelerator_count,
        accelerator_hours,
        usd_per_hour,
        scope: enums::training_scope(scope, Field::of(PARENT, "scope"))?,
    };
    intake::training_cost(figures, PARENT)
}

/// `SetClaimStatusRequest`.
///
/// # Errors
/// Whatever `intake` refuses about a field.
pub fn set_claim_status(
    message: v1::SetClaimStatusRequest,
    context: &Context,
) -> Result<Draft, Refusal> {
    let content = v1::SetClaimStatusRequest {
        request_id: String::new(),
        ..message.clone()
    };
    let v1::SetClaimStatusRequest {
        revision,
        status,
        pinned,
        reason,
        request_id,
    } = message;
    let claim = intake::revision(revision, "revision")?;
    let status = enums::status(status, "status")?;
    if status.is_none() && pinned.is_none() {
        return Err(Field::from("status").refuse(
            Reason::FieldRequired,
            "and pinned are missing: say what to change",
        ));
    }
    Ok(Draft {
        author: context.author.clone(),
        request: request_key(&request_id, "SetClaimStatus", &content, context)?,
        change: Change::SetClaimStatus {
            claim,
            status,
            pinned,
            reason: intake::required_note(&reason, "reason")?,
        },
    })
}
