//! Flags that several subcommands share.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Failure;
use crate::client::{Client, ConnectOptions};
use crate::proto::v1::{
    AsOf, CostBasis, CostKind, EvaluatorRelationship, Order, ResultFilter, RowFilter,
};

/// Where the daemon is.
#[derive(Args, Debug)]
pub(super) struct Connection {
    /// Where the daemon listens
    #[arg(
        long,
        value_name = "URL",
        env = "FRONTIERD_ADDR",
        default_value = "http://127.0.0.1:50051"
    )]
    addr: String,
    /// Token to call with; better in `FRONTIERD_TOKEN` or a file, because others see command lines
    #[arg(
        long,
        value_name = "TOKEN",
        env = "FRONTIERD_TOKEN",
        hide_env_values = true,
        conflicts_with = "token_file"
    )]
    token: Option<Typed>,
    /// File whose first line is the token to call with
    #[arg(long, value_name = "FILE", env = "FRONTIERD_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// CAs in PEM that the daemon's certificate must be of [default: those that the system trusts]
    #[arg(long, value_name = "FILE", env = "FRONTIERD_CA")]
    ca: Option<PathBuf>,
    /// Client certificate in PEM, where the daemon asks for one
    #[arg(long, value_name = "FILE", env = "FRONTIERD_CERT", requires = "key")]
    cert: Option<PathBuf>,
    /// Private key of the client certificate, in PEM
    #[arg(long, value_name = "FILE", env = "FRONTIERD_KEY", requires = "cert")]
    key: Option<PathBuf>,
    /// Send the token although the connection is not encrypted and leaves this machine
    #[arg(long)]
    token_in_the_clear: bool,
}

/// A token as typed, which is not printed.
#[derive(Clone)]
struct Typed(String);

impl std::str::FromStr for Typed {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(..)")
    }
}

impl Connection {
    pub(super) async fn client(&self) -> Result<Client, Failure> {
        let options = ConnectOptions {
            token: self.token()?,
            token_in_the_clear: self.token_in_the_clear,
            ca: self.ca.as_deref().map(read).transpose()?,
            identity: match (&self.cert, &self.key) {
                (Some(cert), Some(key)) => Some((read(cert)?, read(key)?)),
                _ => None,
            },
        };
        Ok(Client::connect_with(&self.addr, &options).await?)
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        let Some(file) = &self.token_file else {
            return Ok(self.token.as_ref().map(|token| token.0.clone()));
        };
        let text = String::from_utf8_lossy(&read(file)?).into_owned();
        Ok(Some(
            text.lines().next().unwrap_or_default().trim().to_owned(),
        ))
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| {
        Failure::Usage(format!(
            "cannot read the file `{}`: {error}",
            file.display()
        ))
    })
}

/// Makes a mutating call safe to repeat.
#[derive(Args, Debug)]
pub(super) struct RequestId {
    /// Makes the call safe to repeat: the same id answers the first outcome again; at most 64 bytes
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(super) request_id: String,
}

/// A flag that names a value of a protobuf enum.
macro_rules! proto_enum {
    ($(#[$doc:meta])* $name:ident => $proto:ident { $($(#[$value_doc:meta])* $value:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub(super) enum $name {
            $($(#[$value_doc])* $value,)*
        }

        impl From<$name> for $proto {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$value => Self::$value,)*
                }
            }
        }

        impl $name {
            /// The number on the wire; 0 when the flag is absent.
            pub(super) fn wire(value: Option<Self>) -> i32 {
                value.map_or(0, |value| $proto::from(value).into())
            }
        }
    };
}

proto_enum! {
    /// What a cost measures.
    Basis => CostBasis {
        /// USD per benchmark task
        Task,
        /// List price, USD per million tokens
        TokenPrice,
        /// USD of the training run
        Training,
    }
}

proto_enum! {
    /// Order of rows.
    OrderBy => Order {
        /// Best score first
        Score,
        /// Most points per dollar first
        Value,
        /// Least overpay first
        Overpay,
        /// Furthest ahead of the cost trend first
        Conformance,
    }
}

proto_enum! {
    /// How a cost came to be known.
    Kind => CostKind {
        /// Metered by whoever ran the evaluation
        Measured,
        /// Stated by a source
        Reported,
        /// Somebody's estimate
        Estimated,
    }
}

proto_enum! {
    /// Who ran an evaluation, relative to the maker of the model.
    Relationship => EvaluatorRelationship {
        /// The maker of the model
        FirstParty,
        /// Somebody independent
        ThirdParty,
        /// The maker together with somebody else
        Collaborative,
        /// Anything else
        Other,
    }
}

/// A point in the past.
#[derive(Args, Debug)]
pub(super) struct Past {
    /// What this revision knew
    #[arg(long, value_name = "REVISION")]
    as_of_revision: Option<i64>,
    /// Only what was observed, released and priced by this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of_date: Option<String>,
}

impl Past {
    #[cfg(feature = "import")]
    pub(super) fn revision(&self) -> Option<i64> {
        self.as_of_revision
    }

    #[cfg(feature = "import")]
    pub(super) fn date(&self) -> Option<&str> {
        self.as_of_date.as_deref()
    }

    pub(super) fn message(&self) -> Option<AsOf> {
        (self.as_of_revision.is_some() || self.as_of_date.is_some()).then(|| AsOf {
            revision: self.as_of_revision,
            date: self.as_of_date.clone().unwrap_or_default(),
        })
    }
}

/// Which rows to show; ranks stay those of the whole board.
#[derive(Args, Debug)]
#[command(next_help_heading = "Rows to show (ranks stay the whole board's)")]
pub(super) struct Rows {
    /// Models of this organization; repeat for any of several
    #[arg(long = "organization", value_name = "NAME")]
    organizations: Vec<String>,
    /// Models with (or `=false`: without) open weights
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    open_weights: Option<bool>,
    /// Models with this tag; repeat for all of several
    #[arg(long = "model-tag", value_name = "TAG")]
    model_tags: Vec<String>,
    /// Models released on or after this day
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        default_value = "",
        hide_default_value = true
    )]
    released_since: String,
    /// Of the variants of one model only the best-scoring one
    #[arg(long)]
    best_variant_only: bool,
}

impl Rows {
    pub(super) fn message(&self) -> Option<RowFilter> {
        let filter = RowFilter {
            organizations: self.organizations.clone(),
            open_weights: self.open_weights,
            model_tags: self.model_tags.clone(),
            released_since: self.released_since.clone(),
            best_variant_only: self.best_variant_only,
        };
        (filter != RowFilter::default()).then_some(filter)
    }
}

/// Which results count; any of these makes another board.
#[derive(Args, Debug)]
#[command(next_help_heading = "Results to count (makes another board)")]
pub(super) struct Results {
    /// Results of this evaluator; repeat for any of several
    #[arg(long = "evaluator", value_name = "NAME")]
    evaluators: Vec<String>,
    /// Results of evaluators in this relationship to the maker; repeat for any of several
    #[arg(long = "relationship", value_name = "RELATIONSHIP")]
    relationships: Vec<Relationship>,
    /// Results of this harness; repeat for any of several
    #[arg(long = "harness", value_name = "NAME")]
    harnesses: Vec<String>,
    /// Leave disputed results out
    #[arg(long)]
    undisputed_only: bool,
}

impl Results {
    pub(super) fn message(&self) -> Option<ResultFilter> {
        let filter = ResultFilter {
            evaluators: self.evaluators.clone(),
            relationships: self
                .relationships
                .iter()
                .map(|relationship| EvaluatorRelationship::from(*relationship).into())
                .collect(),
            harnesses: self.harnesses.clone(),
            undisputed_only: self.undisputed_only,
        };
        (filter != ResultFilter::default()).then_some(filter)
    }
}
