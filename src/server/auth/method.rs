//! What each method needs.

use crate::access::Role;

/// What a caller must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// At least this role.
    Role(Role),
    /// What the operator said for health.
    Health,
    /// What the operator said for reflection.
    Reflection,
}

/// Which rate a call counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Read,
    Submission,
    /// Health, reflection and the admin service answer also when there is much to do; a stream of submissions counts its
    /// items itself.
    Nothing,
}

/// A method of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Method<'a> {
    pub(super) path: &'a str,
    pub(super) need: Need,
    pub(super) counted: Counted,
    /// Whether it goes on until somebody ends it.
    pub(super) streams: bool,
}

impl<'a> Method<'a> {
    /// The rules of a path. What is not listed needs the highest role, so that a new method is closed until somebody
    /// decides.
    pub(super) fn of(path: &'a str) -> Self {
        Self::listed(path).unwrap_or(Self {
            path,
            need: Need::Role(Role::Admin),
            counted: Counted::Read,
            streams: true,
        })
    }

    fn listed(path: &'a str) -> Option<Self> {
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        let (need, counted, streams) = match service {
            "frontier.v1.LeaderboardService" => leaderboard(method)?,
            "frontier.v1.CatalogService" => catalog(method)?,
            "frontier.v1.TrendService" => match method {
                "AssessTrend" | "GetTrend" => READ,
                _ => return None,
            },
            "frontier.v1.AdminService" => match method {
                "GetStatus" | "CreateCheckpoint" => (ADMIN, Counted::Nothing, false),
                "ExportLog" => (ADMIN, Counted::Nothing, true),
                _ => return None,
            },
            "grpc.health.v1.Health" => (Need::Health, Counted::Nothing, false),
            "grpc.reflection.v1.ServerReflection" | "grpc.reflection.v1alpha.ServerReflection" => {
                (Need::Reflection, Counted::Nothing, false)
            }
            _ => return None,
        };
        Some(Self {
            path,
            need,
            counted,
            streams,
        })
    }
}

type Rule = (Need, Counted, bool);

const ADMIN: Need = Need::Role(Role::Admin);
const READ: Rule = (Need::Role(Role::Read), Counted::Read, false);
const SUBMIT: Rule = (Need::Role(Role::Submit), Counted::Submission, false);
/// What changes everybody's board: definitions, names, prices.
const DEFINE: Rule = (ADMIN, Counted::Submission, false);

fn leaderboard(method: &str) -> Option<Rule> {
    Some(match method {
        "GetStanding" | "GetLeaderboard" | "ListResults" | "CompareModels" => READ,
        "WatchLeaderboard" => (Need::Role(Role::Read), Counted::Read, true),
        "SubmitResult" | "SetResultStatus" => SUBMIT,
        "SubmitResults" => (Need::Role(Role::Submit), Counted::Nothing, true),
        _ => return None,
    })
}

fn catalog(method: &str) -> Option<Rule> {
    Some(match method {
        "GetBenchmark" | "ListBenchmarks" | "GetModel" | "ListModels" | "ListClaims" => READ,
        "PutClaim" | "SetClaimStatus" => SUBMIT,
        "PutBenchmark" | "PutModel" | "PutPrice" => DEFINE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new method must be listed: unlisted ones are closed, which nobody would notice without tokens.
    #[cfg(feature = "cli")]
    #[test]
    fn every_method_of_the_api_is_listed_and_streams_are_known() {
        let pool =
            prost_reflect::DescriptorPool::decode(crate::proto::DESCRIPTORS).expect("descriptors");
        let mut seen = 0;
        for service in pool.services() {
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                let listed = Method::listed(&path).unwrap_or_else(|| panic!("{path}"));
                assert_eq!(listed.streams, method.is_server_streaming(), "{path}");
                let reads = ["Get", "List", "Compare", "Watch", "Assess"]
                    .iter()
                    .any(|verb| method.name().starts_with(verb));
                let is_admin = service.name() == "AdminService";
                let is_read = listed.need == Need::Role(Role::Read);
                assert_eq!(is_read, reads && !is_admin, "{path}");
                seen += 1;
            }
        }
        assert_eq!(seen, 23);
    }

    #[test]
    fn what_is_not_known_needs_the_highest_role() {
        for path in [
            "",
            "/",
            "/frontier.v1.LeaderboardService",
            "/frontier.v1.LeaderboardService/",
            "/frontier.v1.LeaderboardService/getstanding",
            "//frontier.v1.LeaderboardService/GetStanding",
            "/frontier.v1.LeaderboardService/GetStanding/",
            "/other/Method",
        ] {
            assert_eq!(Method::of(path).need, ADMIN, "{path}");
        }
    }
}
