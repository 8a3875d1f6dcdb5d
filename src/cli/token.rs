//! `frontierd token`: make, list and revoke tokens.

use std::path::PathBuf;

use clap::Subcommand;

use super::Failure;
use super::failure::say;
use super::output::{Format, print, print_line};
use super::screen::Screen;
use super::table::{Align, Table};
use crate::access::{
    FileError, Role, Scope, Secret, TokenFile, TokenRecord, TokenState, parse_expiry, show_time,
};
use crate::clock::Clock;
use crate::model::Timestamp;

/// Make, list and revoke tokens, in a file that a daemon reads (`serve --tokens FILE`), also while it serves
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

#[derive(clap::Args, Debug)]
struct Where {
    /// File of tokens; it keeps their hashes only
    #[arg(long, value_name = "FILE", env = "FRONTIERD_TOKENS")]
    tokens: PathBuf,
}

/// Make a token and print it: it is shown this once and kept nowhere
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  frontierd token create alice --role admin --tokens tokens.toml\n  frontierd token create nightly-ci --role submit --benchmark 'our-*' --expires 90d --tokens tokens.toml > ci.token\n\nTwo tokens of one name are one submitter: to replace a token, create another of its name, hand it out, revoke the old one."
)]
pub(super) struct Create {
    /// Who will hold it: the author of what it writes, and the evaluator of its results unless they name one
    name: String,
    /// What it may do
    #[arg(long)]
    role: Role,
    /// Benchmark that it may submit to, or how their ids begin (`our-*`); repeat for several [default: any]
    #[arg(long = "benchmark", value_name = "PATTERN")]
    benchmarks: Vec<String>,
    /// Vendor of models (the part of an id before `/`) that it may write about; repeat for several [default: any]
    #[arg(long = "organization", value_name = "PATTERN")]
    organizations: Vec<String>,
    /// When it ends: days from now (`90d`), a UTC day (`2026-12-31`) or a time [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Submissions a second in the long run [default: no limit]
    #[arg(long, value_name = "N")]
    submissions_per_second: Option<f64>,
    /// Submissions at once [default: what two seconds bring]
    #[arg(long, value_name = "N", requires = "submissions_per_second")]
    submissions_burst: Option<u32>,
    /// Reads a second in the long run [default: no limit]
    #[arg(long, value_name = "N")]
    reads_per_second: Option<f64>,
    /// Reads at once [default: what two seconds bring]
    #[arg(long, value_name = "N", requires = "reads_per_second")]
    reads_burst: Option<u32>,
    #[command(flatten)]
    file: Where,
}

/// List tokens: who holds them, what they may do, until when
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  frontierd token list --tokens tokens.toml")]
pub(super) struct List {
    #[command(flatten)]
    file: Where,
}

/// Revoke tokens by id or by name; a daemon ends their streams within seconds
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  frontierd token revoke 7f3a91c2 --tokens tokens.toml")]
pub(super) struct Revoke {
    /// Id of a token, or name whose tokens are all meant
    token: String,
    #[command(flatten)]
    file: Where,
}

impl Command {
    pub(super) fn run(self, format: Format) -> Result<(), Failure> {
        let now = Clock::system().now();
        match self {
            Self::Create(args) => args.run(format, now),
            Self::List(args) => args.run(format, now),
            Self::Revoke(args) => args.run(format, now),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Create {
    fn run(self, format: Format, now: Timestamp) -> Result<(), Failure> {
        let secret = Secret::generate().map_err(Failure::Failed)?;
        let expires = self
            .expires
            .as_deref()
            .map(|text| parse_expiry(text, now).map_err(Failure::Usage))
            .transpose()?;
        let digest = secret.digest();
        let record = TokenRecord {
            id: digest.id(),
            name: self.name,
            role: self.role,
            blake3: digest.to_string(),
            benchmarks: self.benchmarks,
            organizations: self.organizations,
            submissions_per_second: self.submissions_per_second,
            submissions_burst: self.submissions_burst,
            reads_per_second: self.reads_per_second,
            reads_burst: self.reads_burst,
            created: show_time(now),
            expires: expires.map(show_time),
            revoked: None,
        };
        TokenFile::update(&self.file.tokens, |file| {
            if file.tokens.iter().any(|token| token.id == record.id) {
                return Err(format!("id `{}` is taken by chance: try again", record.id));
            }
            file.tokens.push(record.clone());
            Ok(())
        })?;
        match format {
            Format::Human => {
                print_line(secret.reveal())?;
                say(&format!(
                    "made token `{}` for `{}` with role `{}`{}; it is not shown again",
                    record.id,
                    record.name,
                    record.role,
                    record
                        .expires
                        .map_or_else(String::new, |at| format!(", until {at}"))
                ));
                Ok(())
            }
            Format::Json => {
                let mut json = json(&record, TokenState::Active);
                json["token"] = secret.reveal().into();
                Ok(print_line(&format!("{json:#}"))?)
            }
        }
    }
}

impl List {
    fn run(self, format: Format, now: Timestamp) -> Result<(), Failure> {
        let file = TokenFile::read(&self.file.tokens)?;
        let listed = file.tokens.iter().map(|record| {
            let state = record.state(now).map_err(Failure::Failed)?;
            Ok((record, state))
        });
        let listed: Vec<_> = listed.collect::<Result<_, Failure>>()?;
        match format {
            Format::Human => Ok(print(&table(&listed))?),
            Format::Json => {
                let tokens = listed.iter().map(|(record, state)| json(record, *state));
                let tokens: serde_json::Value = tokens.collect();
                let all = serde_json::json!({ "tokens": tokens });
                Ok(print_line(&format!("{all:#}"))?)
            }
        }
    }
}

impl Revoke {
    fn run(self, format: Format, now: Timestamp) -> Result<(), Failure> {
        let path = self.file.tokens;
        // Updating would make a file that is not there.
        TokenFile::read(&path)?;
        let revoked = TokenFile::update(&path, |file| {
            let mut revoked = Vec::new();
            let mut known = false;
            for token in &mut file.tokens {
                if token.id != self.token && token.name != self.token {
                    continue;
                }
                known = true;
                if token.revoked.is_none() {
                    token.revoked = Some(show_time(now));
                    revoked.push(token.clone());
                }
            }
            if known {
                return Ok(revoked);
            }
            Err(format!(
                "no token has id or name `{}`: see `frontierd token list --tokens {}`",
                self.token,
                path.display()
            ))
        })?;
        match format {
            Format::Human => {
                for token in &revoked {
                    print_line(&format!("revoked `{}` of `{}`", token.id, token.name))?;
                }
                if revoked.is_empty() {
                    print_line(&format!("`{}` was revoked before", self.token))?;
                }
                Ok(())
            }
            Format::Json => {
                let tokens = revoked.iter().map(|token| json(token, TokenState::Revoked));
                let tokens: serde_json::Value = tokens.collect();
                let all = serde_json::json!({ "revoked": tokens });
                Ok(print_line(&format!("{all:#}"))?)
            }
        }
    }
}

fn table(listed: &[(&TokenRecord, TokenState)]) -> String {
    let columns = [
        "id",
        "name",
        "role",
        "may write",
        "submissions/s",
        "reads/s",
        "created",
        "expires",
        "state",
    ];
    let mut table = Table::new(columns.map(|title| (title, Align::Left)));
    for (record, state) in listed {
        let rate = |rate: Option<f64>| rate.map_or_else(String::new, |rate| rate.to_string());
        table.row([
            record.id.clone(),
            record.name.clone(),
            record.role.to_string(),
            may_write(record),
            rate(record.submissions_per_second),
            rate(record.reads_per_second),
            record.created.clone(),
            record.expires.clone().unwrap_or_default(),
            state.as_str().to_owned(),
        ]);
    }
    table.show(Screen::of_stdout(), &[])
}

fn may_write(record: &TokenRecord) -> String {
    match record.role {
        Role::Read => String::new(),
        Role::Admin => "all".to_owned(),
        Role::Submit => Scope::new(record.benchmarks.clone(), record.organizations.clone())
            .map_or_else(|error| error.to_string(), |scope| scope.to_string()),
    }
}

/// Without the digest, which is of use to nobody.
fn json(record: &TokenRecord, state: TokenState) -> serde_json::Value {
    serde_json::json!({
        "id": record.id,
        "name": record.name,
        "role": record.role.as_str(),
        "benchmarks": record.benchmarks,
        "organizations": record.organizations,
        "submissionsPerSecond": record.submissions_per_second,
        "submissionsBurst": record.submissions_burst,
        "readsPerSecond": record.reads_per_second,
        "readsBurst": record.reads_burst,
        "created": record.created,
        "expires": record.expires,
        "revoked": record.revoked,
        "state": state.as_str(),
    })
}
