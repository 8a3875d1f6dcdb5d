//! Rules of the repository that no compiler checks. They read the source as text: comments and literals are blanked
//! first, so a rule sees code only.
//!
//! Who may import whom is read from the table in the crate's documentation (`src/lib.rs`), so the two cannot differ.

#[path = "tidy/counts.rs"]
mod counts;
#[path = "tidy/source.rs"]
mod source;

use std::collections::BTreeMap;

use source::{Source, functions, imports, occurrences, read};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

/// Words that stand only in some places of src/, by prefix of the path without `.rs`, and why.
const CONFINED: [(&[&str], &[&str], &str); 6] = [
    (
        &["sled::"],
        &["log/sled"],
        "another backend must not find traces of this one",
    ),
    (
        &["SystemTime", "Instant"],
        &["clock"],
        "time is asked for in one place and assigned before the log",
    ),
    (
        &["proto::store"],
        &["log/entry"],
        "the disk record stops at its codec",
    ),
    (
        &["prost::", "prost_types::"],
        &[
            "log/entry",
            "proto",
            "api",
            "client",
            "cli",
            "demo",
            "catalog_defaults",
        ],
        "protobuf stops at the edges",
    ),
    (
        &["tonic::", "tonic_types::", "tonic_health::", "tonic_web::"],
        &[
            "proto",
            "api",
            "server",
            "client",
            "cli",
            "demo",
            "catalog_defaults",
        ],
        "gRPC stops at the edges",
    ),
    (
        &["tokio::", "tokio_stream::"],
        &["commit", "hub", "api", "server", "client", "cli", "main"],
        "the domain does not wait",
    ),
];

/// Words that do not stand in some modules, tests apart, and why.
const BANNED: [(&[&str], &[&str], &str); 3] = [
    (
        &[
            "HashMap",
            "HashSet",
            "RandomState",
            "rand::",
            "getrandom::",
            "thread_rng",
        ],
        &["board", "model"],
        "replay must give the same board everywhere: nothing random, nothing without order",
    ),
    (
        &[
            "async",
            "await",
            "std::fs",
            "std::io",
            "std::net",
            "std::env",
            "std::thread",
            "std::process",
            "std::time",
        ],
        &["board", "model", "intake"],
        "these are functions of what they are given",
    ),
    (
        &[
            ".ln()",
            ".exp()",
            ".powf(",
            ".powi(",
            ".log10()",
            ".log2()",
            ".log(",
            ".exp2()",
            ".cbrt()",
            ".exp_m1()",
            ".ln_1p()",
        ],
        &["board", "model"],
        "these differ between platforms: take them from `libm`",
    ),
];

/// The table of the crate's documentation: module to the modules it may import, in its order.
fn table(lib: &str) -> Vec<(String, Vec<String>)> {
    let docs = lib.lines().filter_map(|line| line.strip_prefix("//!"));
    let rows = docs
        .skip_while(|line| line.trim() != "# Who may import whom")
        .skip(1)
        .take_while(|line| !line.starts_with(" # "))
        .filter(|line| line.starts_with(" | `") || line.starts_with(" | [`"));
    let names = |cell: &str| -> Vec<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (names(cells[1])[0].clone(), names(cells[2]))
    })
    .collect()
}

fn rust() -> Vec<Source> {
    let dirs = ["src", "tests", "benches", "build.rs"];
    dirs.iter().flat_map(|dir| read(dir, &["rs"])).collect()
}

fn assert_none(violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{} violations:\n{}",
        violations.len(),
        violations.join("\n")
    );
}

#[test]
fn modules_import_only_what_the_table_of_the_crate_allows() {
    let sources = read("src", &["rs"]);
    let lib = sources
        .iter()
        .find(|source| source.path == "src/lib.rs")
        .expect("src/lib.rs");
    let table = table(&lib.raw);
    let mut violations = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (module, allowed) in &table {
        // No module imports one below it, so there are no circles.
        let below = allowed.iter().filter(|name| !seen.contains(&name.as_str()));
        violations.extend(below.map(|name| {
            format!("src/lib.rs: `{module}` stands above `{name}`, which it may import")
        }));
        seen.push(module);
    }
    let allowed: BTreeMap<&str, &Vec<String>> = table
        .iter()
        .map(|(module, to)| (module.as_str(), to))
        .collect();
    for source in &sources {
        let module = source
            .module()
            .and_then(|module| module.split('/').next())
            .unwrap_or_default();
        if module == "lib" {
            continue;
        }
        let Some(allowed) = allowed.get(module) else {
            violations.push(format!(
                "{}: `{module}` is not in the table of src/lib.rs",
                source.path
            ));
            continue;
        };
        for (at, name) in imports(source) {
            if name != module && !allowed.contains(&name) {
                violations.push(source.at(
                    at,
                    &format!("`{module}` imports `{name}`: the table of src/lib.rs forbids it"),
                ));
            }
        }
    }
    assert_none(&violations);
}

#[test]
fn words_stand_only_where_they_may() {
    let mut violations = Vec::new();
    for source in read("src", &["rs"]) {
        let module = source.module().unwrap_or_default().to_owned();
        let within = |places: &[&str]| places.iter().any(|place| module.starts_with(place));
        let shipped = source.shipped();
        for (words, places, why) in CONFINED {
            for word in words.iter().filter(|_| !within(places)) {
                // The runtime's timers have an `Instant` of their own; no date comes of it.
                if *word == "Instant" && shipped.contains("use tokio::time::") {
                    continue;
                }
                let found = occurrences(&shipped, word);
                violations.extend(
                    found.map(|at| source.at(at, &format!("`{word}` outside {places:?}: {why}"))),
                );
            }
        }
        for (words, places, why) in BANNED {
            for word in words.iter().filter(|_| within(places)) {
                let found = occurrences(&shipped, word);
                violations.extend(found.map(|at| source.at(at, &format!("`{word}`: {why}"))));
            }
        }
        let unwraps = occurrences(&shipped, ".unwrap()");
        violations.extend(
            unwraps.map(|at| source.at(at, "unwrap: answer an error, or `expect` with the reason")),
        );
    }
    assert_none(&violations);
}

#[test]
fn files_and_functions_are_short() {
    let mut violations = Vec::new();
    for source in rust() {
        let lines = source.raw.lines().count();
        if lines > FILE_LINES_MAX {
            violations.push(format!(
                "{}: {lines} lines, at most {FILE_LINES_MAX}",
                source.path
            ));
        }
        for (at, name, lines) in functions(&source.code) {
            if lines > FUNCTION_LINES_MAX {
                violations.push(source.at(
                    at,
                    &format!("`{name}` has {lines} lines, at most {FUNCTION_LINES_MAX}"),
                ));
            }
        }
    }
    assert_none(&violations);
}

#[test]
fn nothing_is_left_over() {
    let in_code = [
        concat!("to", "do!"),
        concat!("un", "implemented!"),
        concat!("d", "bg!"),
        concat!("#[", "ignore"),
    ];
    let anywhere = [
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("HA", "CK"),
    ];
    let mut violations = Vec::new();
    for source in rust() {
        for word in in_code {
            violations.extend(occurrences(&source.code, word).map(|at| source.at(at, word)));
        }
        for word in anywhere {
            violations.extend(occurrences(&source.raw, word).map(|at| source.at(at, word)));
        }
        if source.path.starts_with("src/") && !source.raw.starts_with("//!") {
            violations.push(format!(
                "{}: does not begin with what it holds (`//!`)",
                source.path
            ));
        }
    }
    let texts = [
        ".ci",
        "proto",
        "docs",
        "README.md",
        "CHANGELOG.md",
        "Cargo.toml",
        "deny.toml",
    ];
    let texts = texts
        .iter()
        .flat_map(|dir| read(dir, &["run", "proto", "yaml", "md", "toml"]));
    for source in rust().into_iter().chain(texts) {
        let spaces = source
            .raw
            .lines()
            .enumerate()
            .filter(|(_, line)| line.ends_with([' ', '\t']));
        violations.extend(
            spaces.map(|(line, _)| format!("{}:{}: space at the end", source.path, line + 1)),
        );
        if !source.raw.ends_with('\n') {
            violations.push(format!("{}: no line break at the end", source.path));
        }
    }
    assert_none(&violations);
}

#[test]
fn the_table_is_read_from_documentation() {
    let table = table(
        "//! # Who may import whom\n//!\n//! | a | b |\n//! |---|---|\n//! | [`log`] | `model`, `limits` |\n",
    );
    assert_eq!(
        table,
        [(
            "log".to_owned(),
            vec!["model".to_owned(), "limits".to_owned()]
        )]
    );
}
