//! `frontierd status`: dispute, retract or restore a result or a claim.

use clap::ValueEnum;

use super::Failure;
use super::args::{Connection, RequestId};
use super::output::{Format, answer};
use crate::proto::v1::{
    SetClaimStatusRequest, SetClaimStatusResponse, SetResultStatusRequest, SetResultStatusResponse,
    Status,
};

/// Dispute, retract or restore a result (or, with `--claim`, a claim); nothing is ever deleted
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd status 57 dispute --reason 'test set leaked into training'\n  frontierd status 44 pin --claim --reason 'the statement of its maker'"
)]
pub(super) struct Args {
    /// Revision of the result or claim, which is its id
    revision: i64,
    /// What to do
    action: Action,
    /// Why; it is kept with the change
    #[arg(long)]
    reason: String,
    /// The revision is that of a claim
    #[arg(long)]
    claim: bool,
    #[command(flatten)]
    request_id: RequestId,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Action {
    /// A result stays ranked and is marked; a claim stops counting
    Dispute,
    /// It is no longer ranked, and still listed
    Retract,
    /// It counts again
    Restore,
    /// Claims only: it counts before any other of its kind
    Pin,
    /// Claims only: the newest undisputed one counts again
    Unpin,
}

impl Action {
    fn status(self) -> Option<Status> {
        match self {
            Self::Dispute => Some(Status::Disputed),
            Self::Retract => Some(Status::Retracted),
            Self::Restore => Some(Status::Active),
            Self::Pin | Self::Unpin => None,
        }
    }

    fn pinned(self) -> Option<bool> {
        match self {
            Self::Pin => Some(true),
            Self::Unpin => Some(false),
            _ => None,
        }
    }
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        if self.claim {
            return self.change_claim(format).await;
        }
        let Some(status) = self.action.status() else {
            return Err(Failure::Usage(
                "only claims are pinned: add `--claim` if the revision is that of a claim"
                    .to_owned(),
            ));
        };
        let request = SetResultStatusRequest {
            revision: self.revision,
            status: status.into(),
            reason: self.reason,
            request_id: self.request_id.request_id,
        };
        let done = self
            .connection
            .client()
            .await?
            .set_result_status(request)
            .await?;
        answer(format, "SetResultStatusResponse", &done, |done| {
            result_text(self.revision, done)
        })
    }

    async fn change_claim(self, format: Format) -> Result<(), Failure> {
        let request = SetClaimStatusRequest {
            revision: self.revision,
            status: self.action.status().map_or(0, Into::into),
            pinned: self.action.pinned(),
            reason: self.reason,
            request_id: self.request_id.request_id,
        };
        let done = self
            .connection
            .client()
            .await?
            .set_claim_status(request)
            .await?;
        answer(format, "SetClaimStatusResponse", &done, |done| {
            claim_text(self.revision, done)
        })
    }
}

fn result_text(revision: i64, done: &SetResultStatusResponse) -> String {
    if done.unchanged {
        return format!("result {revision} had that status already\n");
    }
    let standing = done.standing.as_ref().map_or_else(
        || "its model stands there no more".to_owned(),
        |row| match row.rank {
            Some(rank) => format!("`{}` now stands at rank {rank}", row.model),
            None => format!("`{}` still stands there", row.model),
        },
    );
    format!(
        "result {revision} changed at revision {}: {standing}\n",
        done.revision
    )
}

fn claim_text(revision: i64, done: &SetClaimStatusResponse) -> String {
    if done.unchanged {
        return format!("claim {revision} was like that already\n");
    }
    let counts = match done.claim.as_ref().map(|claim| claim.counting) {
        Some(true) => ": it counts",
        Some(false) => ": it does not count",
        None => "",
    };
    format!(
        "claim {revision} changed at revision {}{counts}\n",
        done.revision
    )
}
