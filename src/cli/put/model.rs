//! `frontierd put model`.

use super::{Upsert, outcome};
use crate::cli::Failure;
use crate::cli::args::Connection;
use crate::cli::output::{Format, answer};
use crate::proto::v1::{Model, PutModelRequest};

/// Create or change a model
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd put model openai/gpt-5@high --tag reasoning --alias gpt-5-high"
)]
pub(in crate::cli) struct Args {
    /// `vendor/name` or `vendor/name@variant`; a variant inherits what it lacks
    id: String,
    /// Human name
    #[arg(long)]
    title: Option<String>,
    /// Who made it
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// First public availability
    #[arg(long, value_name = "YYYY-MM-DD")]
    release_date: Option<String>,
    /// Whether the weights can be downloaded
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    open_weights: Option<bool>,
    /// Licence of the weights
    #[arg(long)]
    license: Option<String>,
    /// Label such as `reasoning`; repeat for several
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// The provider whose prices count
    #[arg(long, value_name = "NAME")]
    preferred_provider: Option<String>,
    /// Another name, resolved on every call; repeat for several
    #[arg(long = "alias", value_name = "NAME")]
    aliases: Vec<String>,
    /// Where these facts come from
    #[arg(long, value_name = "URL")]
    source_url: Option<String>,
    #[command(flatten)]
    upsert: Upsert,
    #[command(flatten)]
    connection: Connection,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let what = format!("model `{}`", self.id);
        let model = Model {
            id: self.id,
            title: self.title,
            organization: self.organization,
            release_date: self.release_date,
            open_weights: self.open_weights,
            license: self.license,
            tags: self.tags,
            preferred_provider: self.preferred_provider,
            aliases: self.aliases,
            source_url: self.source_url,
            ..Model::default()
        };
        let request = PutModelRequest {
            model: Some(model),
            clear: self.upsert.clear,
            request_id: self.upsert.request_id.request_id,
            expected_revision: self.upsert.expected_revision,
        };
        let done = self.connection.client().await?.put_model(request).await?;
        answer(format, "PutModelResponse", &done, |done| {
            outcome(&what, done.revision, done.replayed, done.unchanged, &[])
        })
    }
}
