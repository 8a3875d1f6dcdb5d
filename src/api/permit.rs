//! What a caller may write, beyond what its role says: its own results and claims, inside its scope.

use tonic::{Request, Status};

use super::Api;
use crate::access::{Caller, Scope};
use crate::model::{Body, Change, Draft, Entry, ModelId, Reason, Refusal, Revision, Text};

impl Api {
    /// Who calls. Where tokens are in use, a call that came without one may read and nothing else.
    ///
    /// # Errors
    /// A writing call by nobody: the server lets none through, and this holds if it ever does.
    pub(super) fn caller<T>(&self, request: &Request<T>) -> Result<Caller, Status> {
        match request.extensions().get::<Caller>() {
            Some(caller) => Ok(caller.clone()),
            None if self.inner().open_to_anybody => Ok(Caller::anybody()),
            None => Err(Refusal::new(
                Reason::TokenMissing,
                "",
                "writing needs a token: send `authorization: Bearer TOKEN`",
            )
            .into()),
        }
    }

    /// Holds a draft to the scope of its caller. A model is written by its id, so that an alias that moves meanwhile
    /// takes nothing out of the scope.
    pub(super) fn permit(&self, caller: &Caller, draft: &mut Draft) -> Result<(), Refusal> {
        let Some(scope) = caller.scope() else {
            return Ok(());
        };
        match &mut draft.change {
            Change::SubmitResult(result) => {
                permit_benchmark(scope, &result.benchmark, "result.benchmark")?;
                self.permit_model(scope, &mut result.model, "result.model")
            }
            Change::PutClaim(claim) => {
                permit_claims(scope)?;
                self.permit_model(scope, &mut claim.model, "claim.model")
            }
            _ => Ok(()),
        }
    }

    fn permit_model(&self, scope: &Scope, model: &mut Text, field: &str) -> Result<(), Refusal> {
        let known = {
            let board = self.commit().board();
            let catalog = board.catalog();
            catalog
                .resolve(model)
                .map(|key| catalog.id(key).text().clone())
        };
        if let Some(id) = known {
            *model = id;
        }
        // An unknown name without a vendor is refused by the board, with look-alikes.
        let Some((vendor, _)) = model.split_once('/') else {
            return Ok(());
        };
        permit_vendor(scope, vendor, field)
    }

    /// Holds a change of status to what its caller wrote, unless it is an admin.
    pub(super) async fn permit_status(
        &self,
        caller: &Caller,
        of: Revision,
        field: &str,
    ) -> Result<(), Refusal> {
        let Some(token) = caller.token().filter(|_| !caller.is_admin()) else {
            return Ok(());
        };
        if of == 0 || of > self.commit().log().head().revision {
            // There is no such entry, which the board says better.
            return Ok(());
        }
        let entries = self.commit().entries(vec![of]).await?;
        let Some(entry) = entries.first() else {
            return Ok(());
        };
        if entry.author != token.name {
            return Err(Refusal::new(
                Reason::NotYourOwn,
                field,
                format!(
                    "{field} is `{of}`, which `{}` wrote and not `{}`: ask whoever did, or an admin",
                    entry.author, token.name
                ),
            ));
        }
        caller
            .scope()
            .map_or(Ok(()), |scope| permit_entry(scope, entry, field))
    }
}

fn permit_entry(scope: &Scope, entry: &Entry, field: &str) -> Result<(), Refusal> {
    let vendor = |model: &ModelId| permit_vendor(scope, model.vendor(), field);
    match &entry.body {
        Body::Result(result) => {
            permit_benchmark(scope, result.benchmark.as_str(), field)?;
            vendor(&result.model)
        }
        Body::Claim(claim) => {
            permit_claims(scope)?;
            vendor(&claim.model)
        }
        _ => Ok(()),
    }
}

fn permit_benchmark(scope: &Scope, benchmark: &str, field: &str) -> Result<(), Refusal> {
    if scope.has_benchmark(benchmark) {
        return Ok(());
    }
    Err(out_of_scope(
        scope,
        &format!("benchmark `{benchmark}`"),
        field,
    ))
}

fn permit_vendor(scope: &Scope, vendor: &str, field: &str) -> Result<(), Refusal> {
    if scope.has_organization(vendor) {
        return Ok(());
    }
    Err(out_of_scope(
        scope,
        &format!("organization `{vendor}`"),
        field,
    ))
}

fn permit_claims(scope: &Scope) -> Result<(), Refusal> {
    if scope.has_claims() {
        return Ok(());
    }
    Err(out_of_scope(
        scope,
        "a claim, which names no benchmark,",
        "claim",
    ))
}

fn out_of_scope(scope: &Scope, what: &str, field: &str) -> Refusal {
    Refusal::new(
        Reason::OutOfScope,
        field,
        format!(
            "{what} is outside of what this token may write ({scope}): use another token, or ask the operator"
        ),
    )
}

/// A pin decides for everybody which claim counts.
pub(super) fn permit_pin(caller: &Caller, draft: &Draft) -> Result<(), Refusal> {
    match &draft.change {
        Change::SetClaimStatus {
            pinned: Some(_), ..
        } if !caller.is_admin() => Err(Refusal::new(
            Reason::RoleMissing,
            "pinned",
            "pinned decides which claim counts for everybody and needs role `admin`: leave it unset, or ask an admin",
        )),
        _ => Ok(()),
    }
}
