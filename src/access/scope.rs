//! What a submit token may write about.
//!
//! A scope narrows writing only. Reading is whole: boards over several benchmarks, ranks and trends compare everything
//! with everything, so half a board would be a wrong one.

use std::fmt;

use crate::limits::{ID_BYTES_MAX, MAX_SCOPE_PATTERNS};

/// Benchmarks and organizations that a token may write about. An empty list = any.
///
/// A benchmark is named by its id, `name` or `name@version`; an organization by the vendor of a model's id, the part
/// before `/`, because that never changes, while the organization in a model's facts does. A pattern that ends in `*`
/// stands for every name that begins like it: `our-*`, `mmlu@*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    benchmarks: Vec<String>,
    organizations: Vec<String>,
}

/// A pattern that can match nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeError(String);

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ScopeError {}

impl Scope {
    /// A scope of these patterns.
    ///
    /// # Errors
    /// [`ScopeError`] naming a pattern that is none.
    pub fn new(benchmarks: Vec<String>, organizations: Vec<String>) -> Result<Self, ScopeError> {
        for (what, patterns) in [("benchmark", &benchmarks), ("organization", &organizations)] {
            if patterns.len() > MAX_SCOPE_PATTERNS {
                return Err(ScopeError(format!(
                    "`{}` {what} patterns are given: at most {MAX_SCOPE_PATTERNS}; use one that ends in `*`",
                    patterns.len()
                )));
            }
            if let Some(bad) = patterns.iter().find(|pattern| !is_pattern(pattern)) {
                return Err(ScopeError(format!(
                    "`{bad}` is no {what} pattern: give lower case letters, digits, `.`, `_`, `-`, `@`, and `*` only at the end"
                )));
            }
        }
        Ok(Self {
            benchmarks,
            organizations,
        })
    }

    /// Whether everything may be written about.
    pub fn is_whole(&self) -> bool {
        self.benchmarks.is_empty() && self.organizations.is_empty()
    }

    /// Whether results of a benchmark may be written.
    pub fn has_benchmark(&self, benchmark: &str) -> bool {
        is_in(&self.benchmarks, benchmark)
    }

    /// Whether results of, and claims about, models of a vendor may be written.
    pub fn has_organization(&self, vendor: &str) -> bool {
        is_in(&self.organizations, vendor)
    }

    /// Whether claims may be written at all: they name no benchmark, so a token for benchmarks has none to name.
    pub fn has_claims(&self) -> bool {
        self.benchmarks.is_empty()
    }
}

fn is_in(patterns: &[String], name: &str) -> bool {
    patterns.is_empty()
        || patterns
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == pattern,
            })
}

fn is_pattern(pattern: &str) -> bool {
    let name = pattern.strip_suffix('*').unwrap_or(pattern);
    !pattern.is_empty()
        && pattern.len() <= ID_BYTES_MAX
        && name.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-' | b'@')
        })
}

/// `benchmarks our-*, mmlu; organizations deepseek`, or `all`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = [
            ("benchmarks", &self.benchmarks),
            ("organizations", &self.organizations),
        ]
        .iter()
        .filter(|(_, patterns)| !patterns.is_empty())
        .map(|(what, patterns)| format!("{what} {}", patterns.join(", ")))
        .collect();
        if parts.is_empty() {
            return f.write_str("all");
        }
        f.write_str(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(benchmarks: &[&str], organizations: &[&str]) -> Scope {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Scope::new(owned(benchmarks), owned(organizations)).expect("patterns")
    }

    #[test]
    fn an_empty_scope_has_everything() {
        let whole = Scope::default();
        assert!(whole.is_whole() && whole.has_claims());
        assert!(whole.has_benchmark("mmlu") && whole.has_organization("openai"));
        assert_eq!(whole.to_string(), "all");
    }

    #[test]
    fn patterns_match_a_name_or_how_it_begins() {
        let scope = scope(&["our-*", "mmlu"], &["deepseek"]);
        for (benchmark, is_in) in [
            ("our-evals", true),
            ("our-evals@2", true),
            ("mmlu", true),
            ("mmlu-pro", false),
            ("mmlu@2", false),
            ("their-evals", false),
        ] {
            assert_eq!(scope.has_benchmark(benchmark), is_in, "{benchmark}");
        }
        assert!(scope.has_organization("deepseek") && !scope.has_organization("deepseek2"));
        assert!(!scope.has_claims());
        assert_eq!(
            scope.to_string(),
            "benchmarks our-*, mmlu; organizations deepseek"
        );
    }

    #[test]
    fn what_can_match_nothing_is_refused() {
        for bad in ["", "Our", "a*b", "a b", "a/b", &"x".repeat(200)] {
            let given = vec![bad.to_owned()];
            assert!(Scope::new(given.clone(), Vec::new()).is_err(), "{bad}");
            assert!(Scope::new(Vec::new(), given).is_err(), "{bad}");
        }
        let many = vec!["a".to_owned(); MAX_SCOPE_PATTERNS + 1];
        assert!(Scope::new(many, Vec::new()).is_err());
    }
}
