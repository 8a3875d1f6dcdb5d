//! What must exist before results and prices of it can: benchmarks, models.

use std::collections::{BTreeMap, BTreeSet};

use tonic::Code;

use crate::cli::Failure;
use crate::client::{Client, ClientError, Refused};
use crate::import::Priced;
use crate::proto::v1::{
    Benchmark, GetBenchmarkRequest, GetModelRequest, Model, Price, PutBenchmarkRequest,
    PutModelRequest, PutPriceRequest,
};

/// A refusal of one row: a reason and what is to be said.
pub(super) type Refusal = (String, String);

/// What is known of the store's catalog.
#[derive(Default)]
pub(super) struct Catalog {
    /// Benchmarks met, with what makes their results unwelcome.
    benchmarks: BTreeMap<String, Known>,
    /// Models met, with their prices.
    models: BTreeMap<String, Vec<Price>>,
    /// Prices of this import: model, provider, first day.
    prices: BTreeSet<[String; 3]>,
}

#[derive(Clone)]
enum Known {
    /// It exists, with this direction.
    There(bool),
    Refused(Refusal),
}

/// Whether benchmarks are created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Create {
    Never,
    /// Where their direction is known.
    Described,
    /// With the defaults of the daemon for what is not said, as our own columns are documented.
    WithDefaults,
}

/// What became of a price.
pub(super) enum PutPrice {
    Put,
    AlreadyThere,
    Twice,
    Refused(Refusal),
}

/// Answers that are about the row; anything else breaks the import off.
fn refusal(error: ClientError) -> Result<Refusal, Failure> {
    match error {
        ClientError::Refused(Refused {
            code,
            reason,
            message,
            ..
        }) if !matches!(
            code,
            Code::Unavailable | Code::Unauthenticated | Code::PermissionDenied | Code::Cancelled
        ) =>
        {
            Ok((
                if reason.is_empty() {
                    format!("{code:?}").to_uppercase()
                } else {
                    reason
                },
                message,
            ))
        }
        other => Err(other.into()),
    }
}

impl Catalog {
    /// Makes sure that the benchmark exists; true = it was created now.
    pub(super) async fn benchmark(
        &mut self,
        client: &mut Client,
        described: &Benchmark,
        create: Create,
    ) -> Result<Result<bool, Refusal>, Failure> {
        let mut created = false;
        if !self.benchmarks.contains_key(&described.id) {
            let known = match find(client, &described.id).await? {
                Some(benchmark) => Known::There(benchmark.higher_is_better()),
                None => match put(client, described, create).await? {
                    Ok(benchmark) => {
                        created = true;
                        Known::There(benchmark.higher_is_better())
                    }
                    Err(refusal) => Known::Refused(refusal),
                },
            };
            self.benchmarks.insert(described.id.clone(), known);
        }
        Ok(match &self.benchmarks[&described.id] {
            Known::Refused(refusal) => Err(refusal.clone()),
            Known::There(higher)
                if described
                    .higher_is_better
                    .is_some_and(|says| says != *higher) =>
            {
                let (here, there) = if *higher {
                    ("higher", "lower")
                } else {
                    ("lower", "higher")
                };
                Err((
                    "BENCHMARK_DIRECTION".to_owned(),
                    format!(
                        "on benchmark `{}` {here} is better, in the file {there}: import it as another one with `--benchmark`",
                        described.id
                    ),
                ))
            }
            Known::There(_) => Ok(created),
        })
    }

    /// Puts a price, and its model where that is unknown.
    pub(super) async fn price(
        &mut self,
        client: &mut Client,
        price: Price,
        request_id: String,
        priced: &Priced,
    ) -> Result<PutPrice, Failure> {
        let key = [
            price.model.clone(),
            price.provider.clone(),
            price.effective_date.clone(),
        ];
        if !self.prices.insert(key) {
            return Ok(PutPrice::Twice);
        }
        if !self.models.contains_key(&price.model) {
            match model(client, &price.model).await? {
                Ok(prices) => drop(self.models.insert(price.model.clone(), prices)),
                Err(refusal) => return Ok(PutPrice::Refused(refusal)),
            }
        }
        let same = |known: &Price| {
            known.provider == price.provider
                && known.input_usd_per_mtok == price.input_usd_per_mtok
                && known.output_usd_per_mtok == price.output_usd_per_mtok
                && known.cache_read_usd_per_mtok == price.cache_read_usd_per_mtok
                && known.cache_write_usd_per_mtok == price.cache_write_usd_per_mtok
        };
        let known = &self.models[&price.model];
        if !priced.dated
            && known
                .iter()
                .any(|known| known.in_force && !known.withdrawn && !known.inherited && same(known))
        {
            return Ok(PutPrice::AlreadyThere);
        }
        let request = PutPriceRequest {
            price: Some(price),
            request_id,
            expected_revision: None,
        };
        match client.put_price(request).await {
            Ok(put) if put.replayed || put.unchanged => Ok(PutPrice::AlreadyThere),
            Ok(_) => Ok(PutPrice::Put),
            Err(error) => refusal(error).map(PutPrice::Refused),
        }
    }
}

async fn find(client: &mut Client, id: &str) -> Result<Option<Benchmark>, Failure> {
    match client
        .get_benchmark(GetBenchmarkRequest { id: id.to_owned() })
        .await
    {
        Ok(answer) => Ok(answer.benchmark),
        Err(ClientError::Refused(refused)) if refused.code == Code::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn put(
    client: &mut Client,
    described: &Benchmark,
    create: Create,
) -> Result<Result<Benchmark, Refusal>, Failure> {
    let id = &described.id;
    if create == Create::Never {
        return Ok(Err((
            "BENCHMARK_UNKNOWN".to_owned(),
            format!(
                "there is no benchmark `{id}`: `--create-benchmarks` creates it as the file describes it, `--benchmark` or a mapping names another"
            ),
        )));
    }
    if create == Create::Described && described.higher_is_better.is_none() {
        return Ok(Err((
            "DIRECTION_UNKNOWN".to_owned(),
            format!(
                "benchmark `{id}`: the file does not say whether more or less is better: say `--higher-is-better true` or `false`"
            ),
        )));
    }
    let request = PutBenchmarkRequest {
        benchmark: Some(described.clone()),
        // Somebody else may create it at the same time.
        expected_revision: Some(0),
        ..PutBenchmarkRequest::default()
    };
    match client.put_benchmark(request).await {
        Ok(answer) => Ok(Ok(answer.benchmark.unwrap_or_else(|| described.clone()))),
        Err(error) => refusal(error).map(Err),
    }
}

/// The prices of a model, which is created where it is unknown.
async fn model(client: &mut Client, id: &str) -> Result<Result<Vec<Price>, Refusal>, Failure> {
    match client
        .get_model(GetModelRequest { id: id.to_owned() })
        .await
    {
        Ok(answer) => return Ok(Ok(answer.prices)),
        Err(ClientError::Refused(refused)) if refused.code == Code::NotFound => {}
        Err(error) => return refusal(error).map(Err),
    }
    let request = PutModelRequest {
        model: Some(Model {
            id: id.to_owned(),
            ..Model::default()
        }),
        ..PutModelRequest::default()
    };
    match client.put_model(request).await {
        Ok(_) => Ok(Ok(Vec::new())),
        Err(error) => refusal(error).map(Err),
    }
}
