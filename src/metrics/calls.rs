//! Calls by method and code.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::measure::{Counter, Durations};

/// Names of the gRPC codes, by number.
pub const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Paths that are counted by themselves; the others are counted together, however many names a caller makes up.
pub const METHODS: [&str; 28] = [
    "/frontier.v1.LeaderboardService/SubmitResult",
    "/frontier.v1.LeaderboardService/SubmitResults",
    "/frontier.v1.LeaderboardService/SetResultStatus",
    "/frontier.v1.LeaderboardService/ListResults",
    "/frontier.v1.LeaderboardService/GetLeaderboard",
    "/frontier.v1.LeaderboardService/GetStanding",
    "/frontier.v1.LeaderboardService/CompareModels",
    "/frontier.v1.LeaderboardService/WatchLeaderboard",
    "/frontier.v1.CatalogService/PutBenchmark",
    "/frontier.v1.CatalogService/GetBenchmark",
    "/frontier.v1.CatalogService/ListBenchmarks",
    "/frontier.v1.CatalogService/PutModel",
    "/frontier.v1.CatalogService/GetModel",
    "/frontier.v1.CatalogService/ListModels",
    "/frontier.v1.CatalogService/PutPrice",
    "/frontier.v1.CatalogService/PutClaim",
    "/frontier.v1.CatalogService/ListClaims",
    "/frontier.v1.CatalogService/SetClaimStatus",
    "/frontier.v1.TrendService/AssessTrend",
    "/frontier.v1.TrendService/GetTrend",
    "/frontier.v1.AdminService/GetStatus",
    "/frontier.v1.AdminService/ExportLog",
    "/frontier.v1.AdminService/CreateCheckpoint",
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    OTHER,
];
const OTHER: &str = "/other";

/// Calls that last as long as their caller likes, so that no duration of theirs is slow.
const STREAMING: [&str; 6] = [
    "/SubmitResults",
    "/WatchLeaderboard",
    "/ExportLog",
    "Health/Watch",
    "/ServerReflectionInfo",
    OTHER,
];

/// A method that is counted by itself, or all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method(usize);

impl Method {
    /// The method of a path.
    pub fn of(path: &str) -> Self {
        let known = METHODS.iter().position(|known| *known == path);
        Self(known.unwrap_or(METHODS.len() - 1))
    }

    /// Whether the caller decides how long it takes.
    pub fn is_streaming(self) -> bool {
        STREAMING.iter().any(|end| METHODS[self.0].ends_with(end))
    }
}

/// Counts of calls since the start.
#[derive(Debug, Default)]
pub struct Calls {
    started: Counter,
    methods: [Ended; METHODS.len()],
}

#[derive(Debug, Default)]
struct Ended {
    codes: [AtomicU64; CODES.len()],
    durations: Durations,
}

/// One method's calls that ended.
pub struct MethodCalls<'a> {
    /// Its service and name, `frontier.v1.X/Y`.
    pub method: &'static str,
    /// How many, by the number of their code.
    pub codes: [u64; CODES.len()],
    /// How long they took.
    pub durations: &'a Durations,
}

impl Calls {
    /// Counts a call that began; its number.
    pub fn begin(&self) -> u64 {
        self.started.add(1);
        self.started.get()
    }

    /// Counts a call that ended with the code of a number.
    pub fn end(&self, method: Method, code: usize, took: Duration) {
        let ended = &self.methods[method.0];
        ended.codes[code.min(CODES.len() - 1)].fetch_add(1, Ordering::Relaxed);
        ended.durations.took(took);
    }

    /// Calls that began.
    pub fn started(&self) -> u64 {
        self.started.get()
    }

    /// Calls that began and have not ended.
    pub fn open(&self) -> u64 {
        self.started().saturating_sub(self.ended_in_all())
    }

    /// Calls that ended with the code of a number.
    pub fn ended(&self, code: usize) -> u64 {
        self.methods().map(|method| method.codes[code]).sum()
    }

    /// Calls that ended.
    pub fn ended_in_all(&self) -> u64 {
        self.methods()
            .map(|method| method.codes.iter().sum::<u64>())
            .sum()
    }

    /// Methods with their calls.
    pub fn methods(&self) -> impl Iterator<Item = MethodCalls<'_>> {
        METHODS
            .iter()
            .zip(&self.methods)
            .map(|(path, ended)| MethodCalls {
                method: path.trim_start_matches('/'),
                codes: std::array::from_fn(|code| ended.codes[code].load(Ordering::Relaxed)),
                durations: &ended.durations,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_that_is_served_is_counted_by_itself() {
        let pool = prost_reflect::DescriptorPool::decode(crate::proto::DESCRIPTORS);
        let pool = pool.expect("the schema");
        let mut served: Vec<String> = pool
            .services()
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .map(|method| format!("/{}/{}", method.parent_service().full_name(), method.name()))
            .collect();
        let mut counted: Vec<&str> = METHODS
            .into_iter()
            .filter(|method| method.starts_with("/frontier."))
            .collect();
        served.sort();
        counted.sort_unstable();
        assert_eq!(counted, served);
        for method in pool
            .services()
            .flat_map(|s| s.methods().collect::<Vec<_>>())
        {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let streams = method.is_client_streaming() || method.is_server_streaming();
            assert_eq!(Method::of(&path).is_streaming(), streams, "{path}");
        }
    }

    #[test]
    fn made_up_methods_are_counted_together() {
        let calls = Calls::default();
        for path in ["/a/B", "/frontier.v1.TrendService/Get", ""] {
            calls.begin();
            calls.end(Method::of(path), 12, Duration::from_millis(1));
        }
        assert_eq!((calls.started(), calls.ended(12)), (3, 3));
        let named = calls.methods().find(|method| method.codes[12] > 0);
        assert_eq!(named.map(|method| method.method), Some("other"));
    }
}
