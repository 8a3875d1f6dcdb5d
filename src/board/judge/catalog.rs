//! Upserts of the catalog.

use crate::limits::{MAX_BENCHMARKS, MAX_CLAIMS_PER_MODEL, MAX_PRICES_PER_MODEL};
use crate::model::{
    Benchmark, BenchmarkPatch, Body, Claim, ClaimDraft, Curve, CurvePatch, Date, FRACTION, Model,
    ModelId, ModelPatch, PERCENT, Patch, Price, PriceDraft, ProviderId, Reason, Refusal, Revision,
    Statement, StatementDraft, Status, Text,
};

use super::{Decision, Judged, Known, expect, suggest};

impl Known<'_> {
    pub(super) fn put_benchmark(&self, patch: &BenchmarkPatch) -> Result<Judged, Refusal> {
        let current = self.benchmark(&patch.id);
        let revision = current.map(|(_, revision)| revision);
        let what = format!("benchmark `{}`", patch.id);
        expect(patch.expected_revision, revision, &what)?;
        if current.is_none() && self.benchmark_count() >= MAX_BENCHMARKS {
            return Err(Refusal::new(
                Reason::TooMany,
                "benchmark.id",
                format!("the store holds `{MAX_BENCHMARKS}` benchmarks, the most it can"),
            ));
        }
        let next = patched(patch, current.map(|(benchmark, _)| benchmark));
        consistent(&next)?;
        if let Some(before) = &next.supersedes
            && self.benchmark(before).is_none()
        {
            let catalog = self.board.catalog();
            let field = "benchmark.supersedes";
            return Err(suggest::unknown_benchmark(catalog, before.as_str(), field));
        }
        if let Some((current, revision)) = current {
            if *current == next {
                return Ok(Judged::plain(Decision::Unchanged(revision)));
            }
            if self.has_results(&patch.id) {
                still_fixed(current, &next)?;
            }
        }
        Ok(Judged::plain(Decision::Append(Body::Benchmark(Box::new(
            next,
        )))))
    }

    pub(super) fn put_model(&self, patch: &ModelPatch) -> Result<Judged, Refusal> {
        let id = match self.resolve(&patch.name) {
            Some(id) => id,
            None => ModelId::parse(&patch.name, "model.id")?,
        };
        let current = self.model(&id);
        let revision = current.as_ref().map(|(_, revision)| *revision);
        expect(patch.expected_revision, revision, &format!("model `{id}`"))?;
        let before = current.as_ref().map(|(model, _)| Model::clone(model));
        let before = before.unwrap_or_else(|| Model::new(id.clone()));
        let patch = patch.clone();
        let next = Model {
            title: patch.title.apply(before.title),
            organization: patch.organization.apply(before.organization),
            release_date: patch.release_date.apply(before.release_date),
            open_weights: patch.open_weights.apply(before.open_weights),
            license: patch.license.apply(before.license),
            tags: patch.tags.apply_or(before.tags, Vec::new()),
            preferred_provider: patch.preferred_provider.apply(before.preferred_provider),
            aliases: patch.aliases.apply_or(before.aliases, Vec::new()),
            source_url: patch.source_url.apply(before.source_url),
            id,
        };
        for alias in &next.aliases {
            self.alias_is_free(alias, &next.id)?;
        }
        if let Some((current, revision)) = current
            && *current == next
        {
            return Ok(Judged::plain(Decision::Unchanged(revision)));
        }
        Ok(Judged::plain(Decision::Append(Body::Model(Box::new(next)))))
    }

    fn alias_is_free(&self, alias: &Text, id: &ModelId) -> Result<(), Refusal> {
        match self.resolve(alias) {
            Some(owner) if owner != *id || owner.as_str() == &**alias => Err(Refusal::new(
                Reason::AliasTaken,
                "model.aliases",
                format!(
                    "alias `{alias}` already names model `{owner}`: an alias names one model; choose another, or take it away there first"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn existing_model(&self, name: &str, field: &str) -> Result<ModelId, Refusal> {
        self.resolve(name)
            .ok_or_else(|| suggest::unknown_model(self.board.catalog(), name, field))
    }

    pub(super) fn put_price(&self, draft: &PriceDraft) -> Result<Judged, Refusal> {
        let model = self.existing_model(&draft.model, "price.model")?;
        let provider = match &draft.provider {
            Some(provider) => provider.clone(),
            None => ProviderId::parse(model.vendor(), "price.provider")?,
        };
        let current = self.price(&model, &provider, draft.effective);
        let revision = current.map(|record| record.revision);
        let effective = draft.effective;
        let what = format!("the price of `{model}` at `{provider}` from `{effective}`");
        expect(draft.expected_revision, revision, &what)?;
        if draft.withdrawn && current.is_none() {
            return Err(Refusal::new(
                Reason::StatusNotPossible,
                "price.withdrawn",
                format!("{what} is not known and cannot be withdrawn: see GetModel for its prices"),
            ));
        }
        let mut next = Price {
            model,
            provider,
            effective,
            input: draft.input,
            cache_read: draft.cache_read,
            cache_write: draft.cache_write,
            output: draft.output,
            source_url: draft.source_url.clone(),
            withdrawn: draft.withdrawn,
        };
        if let (true, Some(current)) = (draft.withdrawn, current) {
            // A withdrawal keeps the figures that it withdraws.
            next = Price {
                withdrawn: true,
                ..current.price.clone()
            };
        }
        if let Some(current) = current
            && current.price == next
        {
            return Ok(Judged::plain(Decision::Unchanged(current.revision)));
        }
        if current.is_none() && self.price_count(&next.model) >= MAX_PRICES_PER_MODEL {
            return Err(Refusal::new(
                Reason::TooMany,
                "price.effective_date",
                format!(
                    "model `{}` has `{MAX_PRICES_PER_MODEL}` prices, the most it can",
                    next.model
                ),
            ));
        }
        Ok(Judged::plain(Decision::Append(Body::Price(Box::new(next)))))
    }

    pub(super) fn price_due(
        &self,
        model: &ModelId,
        provider: &ProviderId,
        effective: Date,
    ) -> Judged {
        let current = self.price(model, provider, effective);
        if !current.is_some_and(|record| record.pending && !record.price.withdrawn) {
            let since = current.map_or(0, |record| record.revision);
            return Judged::plain(Decision::Unchanged(since));
        }
        Judged::plain(Decision::Append(Body::PriceInForce {
            model: model.clone(),
            provider: provider.clone(),
            effective,
        }))
    }

    pub(super) fn put_claim(&self, draft: &ClaimDraft) -> Result<Judged, Refusal> {
        let model = self.existing_model(&draft.model, "claim.model")?;
        let statement = match &draft.statement {
            StatementDraft::TrainingCost(cost) => Statement::TrainingCost(cost.clone()),
            StatementDraft::TrainingDate(date) => Statement::TrainingDate(*date),
            StatementDraft::DerivedFrom(from) => {
                Statement::DerivedFrom(self.existing_model(from, "claim.derived_from")?)
            }
        };
        let next = Claim {
            model,
            statement,
            claimant: draft.claimant.clone(),
            date: draft.date,
            source_url: draft.source_url.clone(),
            note: draft.note.clone(),
            status: draft.status,
        };
        let claims = self.claims_of(&next.model);
        if let Some((_, revision)) = claims.iter().find(|(claim, _)| **claim == next) {
            return Ok(Judged::plain(Decision::Unchanged(*revision)));
        }
        if claims.len() >= MAX_CLAIMS_PER_MODEL {
            return Err(Refusal::new(
                Reason::TooMany,
                "claim.model",
                format!(
                    "model `{}` has `{MAX_CLAIMS_PER_MODEL}` claims, the most it can",
                    next.model
                ),
            ));
        }
        Ok(Judged::plain(Decision::Append(Body::Claim(Box::new(next)))))
    }

    pub(super) fn set_claim_status(
        &self,
        claim: Revision,
        status: Option<Status>,
        pinned: Option<bool>,
        reason: &Text,
    ) -> Result<Judged, Refusal> {
        let Some((current, current_pin, newest)) = self.claim_state(claim) else {
            return Err(Refusal::new(
                Reason::UnknownClaim,
                "revision",
                format!("revision `{claim}` is not a claim: find it with ListClaims"),
            ));
        };
        let next = status.unwrap_or(current);
        if pinned == Some(true) && next == Status::Retracted {
            return Err(Refusal::new(
                Reason::StatusNotPossible,
                "pinned",
                format!("claim `{claim}` is retracted and cannot be pinned: restore it first"),
            ));
        }
        if next == current && pinned.unwrap_or(current_pin) == current_pin {
            return Ok(Judged::plain(Decision::Unchanged(newest)));
        }
        Ok(Judged::plain(Decision::Append(Body::ClaimStatus {
            claim,
            status,
            pinned,
            reason: reason.clone(),
        })))
    }
}

/// The benchmark after an upsert. Range, chance and perfect have defaults by unit and direction.
fn patched(patch: &BenchmarkPatch, current: Option<&Benchmark>) -> Benchmark {
    let patch = patch.clone();
    let mut base = current.map_or_else(|| Benchmark::new(patch.id.clone()), Clone::clone);
    let unit: Text = patch.unit.apply_or(base.unit.clone(), PERCENT.into());
    let unit = match unit.to_ascii_uppercase() {
        upper if upper == PERCENT || upper == FRACTION => upper.into(),
        _ => unit,
    };
    let higher = patch.higher_is_better.apply_or(base.higher_is_better, true);
    if current.is_none() || unit != base.unit || higher != base.higher_is_better {
        base.unit = unit;
        base.higher_is_better = higher;
        let scale = base.proportion_scale();
        base.minimum = scale.map(|_| 0.0);
        base.maximum = scale;
        base.chance = scale.map(|scale| if higher { 0.0 } else { scale });
        base.perfect = scale.map(|scale| if higher { scale } else { 0.0 });
    }
    Benchmark {
        title: patch.title.apply_or(base.title, "".into()),
        description: patch.description.apply_or(base.description, "".into()),
        minimum: patch.minimum.apply(base.minimum),
        maximum: patch.maximum.apply(base.maximum),
        chance: patch.chance.apply(base.chance),
        perfect: patch.perfect.apply(base.perfect),
        questions: patch.questions.apply(base.questions),
        counting_rule: patch
            .counting_rule
            .apply_or(base.counting_rule, crate::model::CountingRule::default()),
        preferred_relationships: patch
            .preferred_relationships
            .apply_or(base.preferred_relationships, Vec::new()),
        tags: patch.tags.apply_or(base.tags, Vec::new()),
        curve: curve(&patch.curve, base.curve),
        blend_input_weight: patch
            .blend_input_weight
            .apply_or(base.blend_input_weight, 3.0),
        blend_output_weight: patch
            .blend_output_weight
            .apply_or(base.blend_output_weight, 1.0),
        supersedes: patch.supersedes.apply(base.supersedes),
        exclude_from_overall: patch
            .exclude_from_overall
            .apply_or(base.exclude_from_overall, false),
        source_url: patch.source_url.apply_or(base.source_url, "".into()),
        id: base.id,
        unit: base.unit,
        higher_is_better: base.higher_is_better,
    }
}

fn curve(patch: &Patch<CurvePatch>, current: Curve) -> Curve {
    match patch {
        Patch::Keep => current,
        Patch::Clear => Curve::default(),
        Patch::Set(patch) => Curve {
            annual_factor: patch.annual_factor.unwrap_or(current.annual_factor),
            annual_factor_low: patch.annual_factor_low.or(current.annual_factor_low),
            annual_factor_high: patch.annual_factor_high.or(current.annual_factor_high),
            tolerance: patch.tolerance.unwrap_or(current.tolerance),
        },
    }
}

fn consistent(next: &Benchmark) -> Result<(), Refusal> {
    if let (Some(minimum), Some(maximum)) = (next.minimum, next.maximum)
        && minimum >= maximum
    {
        return Err(Refusal::new(
            Reason::OutOfRange,
            "benchmark.minimum",
            format!("minimum `{minimum}` is not below maximum `{maximum}`"),
        ));
    }
    if let (Some(chance), Some(perfect)) = (next.chance, next.perfect) {
        let consistent = if next.higher_is_better {
            perfect > chance
        } else {
            perfect < chance
        };
        if !consistent {
            let (wanted, direction) = if next.higher_is_better {
                ("above", "higher is better")
            } else {
                ("below", "lower is better")
            };
            return Err(Refusal::new(
                Reason::DirectionInconsistent,
                "benchmark.perfect",
                format!(
                    "perfect `{perfect}` must be {wanted} chance `{chance}`, because {direction}: mend perfect, chance or higher_is_better, or clear chance and perfect"
                ),
            ));
        }
    }
    if next.blend_input_weight + next.blend_output_weight <= 0.0 {
        return Err(Refusal::new(
            Reason::OutOfRange,
            "benchmark.blend_input_weight",
            "blend_input_weight and blend_output_weight are both zero: at least one must be positive",
        ));
    }
    let (low, high) = (next.curve.annual_factor_low, next.curve.annual_factor_high);
    let factor = next.curve.annual_factor;
    if low.is_some_and(|low| low > factor) || high.is_some_and(|high| high < factor) {
        return Err(Refusal::new(
            Reason::OutOfRange,
            "benchmark.trend.annual_factor",
            format!(
                "annual_factor `{factor}` is not between annual_factor_low and annual_factor_high"
            ),
        ));
    }
    if next.supersedes.as_ref() == Some(&next.id) {
        return Err(Refusal::new(
            Reason::FieldConflict,
            "benchmark.supersedes",
            format!("benchmark `{}` cannot supersede itself", next.id),
        ));
    }
    Ok(())
}

/// Unit, direction, range, chance and perfect do not change under results.
fn still_fixed(current: &Benchmark, next: &Benchmark) -> Result<(), Refusal> {
    let changed = [
        ("unit", current.unit != next.unit),
        (
            "higher_is_better",
            current.higher_is_better != next.higher_is_better,
        ),
        ("minimum", current.minimum != next.minimum),
        ("maximum", current.maximum != next.maximum),
        ("chance", current.chance != next.chance),
        ("perfect", current.perfect != next.perfect),
    ];
    match changed.iter().find(|(_, changed)| *changed) {
        None => Ok(()),
        Some((field, _)) => Err(Refusal::new(
            Reason::BenchmarkFixed,
            format!("benchmark.{field}"),
            format!(
                "{field} of benchmark `{0}` is fixed, because it has results: create `{0}@2` (or another version) with supersedes = `{0}`",
                next.id
            ),
        )),
    }
}
