//! No call reaches a handler without the right to it.

mod audit;
mod cut;
mod method;
mod tokens;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::AUTHORIZATION;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::transport::Link;
use crate::access::{Caller, Denied, Role, Table};
use crate::clock::Clock;
use crate::config::{AccessSettings, Anonymous};
use crate::model::{Reason, Refusal};
use audit::Audit;
use cut::{Cut, CutBody};
use method::{Counted, Method, Need};

pub(super) use tokens::Tokens;

/// Who may call what. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Auth {
    /// None: no tokens are in use and everybody may do everything.
    rules: Option<Arc<Rules>>,
}

#[derive(Debug)]
struct Rules {
    tokens: Tokens,
    clock: Clock,
    anonymous: Anonymous,
    open_health: bool,
    open_reflection: bool,
    audit: Audit,
}

impl Auth {
    /// Without tokens everybody may do everything.
    pub(super) fn new(tokens: Option<Tokens>, settings: &AccessSettings, clock: Clock) -> Self {
        let rules = tokens.map(|tokens| {
            Arc::new(Rules {
                tokens,
                clock,
                anonymous: settings.anonymous,
                open_health: settings.open_health,
                open_reflection: settings.open_reflection,
                audit: Audit::new(settings.behind_proxy),
            })
        });
        Self { rules }
    }
}

/// What a call that may be made goes on with.
struct Admitted {
    /// None: a call that needs nobody.
    caller: Option<Caller>,
    streams: bool,
}

impl Rules {
    fn admit<B>(&self, request: &Request<B>) -> Result<Admitted, Refusal> {
        // The daemon's own calls come on a connection that nobody else can make.
        if Link::of(request.extensions()).is_some_and(|link| link.peer().is_none()) {
            return Ok(Admitted {
                caller: Some(Caller::anybody()),
                streams: false,
            });
        }
        let method = Method::of(request.uri().path());
        let needed = match method.need {
            Need::Role(role) => Some(role),
            Need::Health => (!self.open_health).then_some(Role::Read),
            Need::Reflection => (!self.open_reflection).then_some(Role::Read),
        };
        let Some(needed) = needed else {
            return Ok(Admitted {
                caller: None,
                streams: false,
            });
        };
        let table = self.tokens.current();
        let caller = match self.caller(&table, request) {
            Ok(caller) => caller,
            Err(Denied::Missing) if self.anonymous == Anonymous::Read && needed == Role::Read => {
                limited(
                    table.anonymous(),
                    &"callers without a token",
                    method.counted,
                )?;
                return Ok(Admitted {
                    caller: None,
                    streams: false,
                });
            }
            Err(denied) => {
                self.audit
                    .refused(request, reason(&denied).as_str(), denied.token_id());
                return Err(Refusal::new(reason(&denied), "", denied.to_string()));
            }
        };
        if let Some(token) = caller.token() {
            if token.role < needed {
                let refusal = role_missing(&method, needed, token.role, &token.id);
                self.audit
                    .refused(request, refusal.reason.as_str(), Some(&token.id));
                return Err(refusal);
            }
            let rate = match method.counted {
                Counted::Read => token.reads.as_deref(),
                Counted::Submission => token.submissions.as_deref(),
                Counted::Nothing => None,
            };
            limited(rate, &format_args!("token `{}`", token.id), method.counted)?;
        }
        Ok(Admitted {
            caller: Some(caller),
            streams: method.streams,
        })
    }

    fn caller<B>(&self, table: &Table, request: &Request<B>) -> Result<Caller, Denied> {
        let mut given = request.headers().get_all(AUTHORIZATION).iter();
        let Some(value) = given.next() else {
            return Err(Denied::Missing);
        };
        // Of several the daemon would have to choose: a proxy in between may have chosen otherwise.
        let token = value.to_str().ok().and_then(bearer);
        match (token, given.next()) {
            (Some(token), None) => table.holder(token, self.clock.now()),
            _ => Err(Denied::Unknown),
        }
    }
}

/// The token of `Bearer TOKEN`.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}

fn reason(denied: &Denied) -> Reason {
    match denied {
        Denied::Missing => Reason::TokenMissing,
        Denied::Unknown => Reason::TokenUnknown,
        Denied::Expired { .. } => Reason::TokenExpired,
        Denied::Revoked { .. } | Denied::Changed { .. } => Reason::TokenRevoked,
    }
}

fn role_missing(method: &Method<'_>, needed: Role, role: Role, id: &str) -> Refusal {
    Refusal::new(
        Reason::RoleMissing,
        "",
        format!(
            "`{}` needs role `{needed}`, and token `{id}` has role `{role}`: ask the operator for another token",
            method.path
        ),
    )
}

fn limited(
    rate: Option<&crate::access::Rate>,
    who: &dyn std::fmt::Display,
    counted: Counted,
) -> Result<(), Refusal> {
    if counted == Counted::Nothing {
        return Ok(());
    }
    let Some(rate) = rate else { return Ok(()) };
    rate.take().map_err(|wait| {
        let setting = rate.setting();
        Refusal::new(
            Reason::RateLimited,
            "",
            format!(
                "{who} may make `{}` such calls a second, with bursts of `{}`: wait, or submit many results as a stream with SubmitResults, which waits by itself",
                setting.per_second, setting.burst
            ),
        )
        .retry_after((wait.as_millis() as u64).max(1))
    })
}

impl<S> Layer<S> for Auth {
    type Service = Authenticated<S>;

    fn layer(&self, inner: S) -> Authenticated<S> {
        Authenticated {
            auth: self.clone(),
            inner,
        }
    }
}

/// A service whose callers are known.
#[derive(Clone, Debug)]
pub(super) struct Authenticated<S> {
    auth: Auth,
    inner: S,
}

impl<S> Service<Request<Body>> for Authenticated<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = AuthFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Some(rules) = &self.auth.rules else {
            return AuthFuture::Admitted {
                answer: self.inner.call(request),
                cut: None,
            };
        };
        match rules.admit(&request) {
            Err(refusal) => AuthFuture::Refused {
                refusal: Some(refusal),
            },
            Ok(Admitted { caller, streams }) => {
                let cut = caller
                    .as_ref()
                    .filter(|_| streams)
                    .map(|caller| Cut::new(&rules.tokens, caller.clone(), rules.clock.clone()));
                if let Some(caller) = caller {
                    request.extensions_mut().insert(caller);
                }
                AuthFuture::Admitted {
                    answer: self.inner.call(request),
                    cut,
                }
            }
        }
    }
}

pin_project! {
    /// The answer of an [`Authenticated`] service.
    #[project = AuthProjection]
    pub(super) enum AuthFuture<F> {
        Admitted { #[pin] answer: F, cut: Option<Cut> },
        Refused { refusal: Option<Refusal> },
    }
}

impl<F> Future for AuthFuture<F>
where
    F: Future<Output = Result<Response<Body>, Infallible>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            AuthProjection::Admitted { answer, cut } => {
                let answered = ready!(answer.poll(cx));
                Poll::Ready(match cut.take() {
                    None => answered,
                    Some(cut) => {
                        answered.map(|response| response.map(|body| CutBody::wrap(body, cut)))
                    }
                })
            }
            AuthProjection::Refused { refusal } => match refusal.take() {
                Some(refusal) => Poll::Ready(Ok(Status::from(refusal).into_http())),
                None => Poll::Pending,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for other in ["abc", "Basic abc", "Bearer", ""] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }
}
