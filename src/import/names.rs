//! Model names of files to ids `vendor/name@variant`, by a table that says whose model a name is.
//!
//! A name is never given a vendor that neither the name, the table nor the user says. The rules, in order:
//! 1. An exact entry of the mapping file (`[models]`, ignoring case) decides.
//! 2. `A + B` (one model plans, another edits) is model A with variant `with-B`. A remark in brackets is a variant
//!    (`o3 (high)` is `o3@high`) unless it is a number or a date (`DeepSeek R1 (0528)` is `deepseek-r1-0528`).
//! 3. Hosts and routers (`openrouter/`, `ollama/`, `azure/`, …) before a name are dropped: the same model elsewhere.
//! 4. `vendor/name` passes, in lower case, the vendor under the name this table has for it (`meta-llama` is `meta`).
//! 5. A name alone gets its vendor from the longest matching beginning, first of the mapping file's `[vendors]`, then of
//!    the built-in table.
//! 6. Anything else is unmatched, and answered with a proposal.

use std::collections::BTreeMap;

use crate::limits::ID_BYTES_MAX;
use crate::model::ModelId;

/// Beginnings of model names and whose they are. The longest one decides.
pub const VENDORS: &[(&str, &str)] = &[
    ("aya", "cohere"),
    ("babbage", "openai"),
    ("c4ai-command", "cohere"),
    ("chatglm", "zai"),
    ("chatgpt", "openai"),
    ("claude", "anthropic"),
    ("codegeex", "zai"),
    ("codellama", "meta"),
    ("code-llama", "meta"),
    ("codeqwen", "qwen"),
    ("codestral", "mistral"),
    ("codex-mini", "openai"),
    ("command", "cohere"),
    ("computer-use-preview", "openai"),
    ("davinci", "openai"),
    ("dbrx", "databricks"),
    ("deepseek", "deepseek"),
    ("devstral", "mistral"),
    ("falcon", "tiiuae"),
    ("gemini", "google"),
    ("gemma", "google"),
    ("glm", "zai"),
    ("gpt", "openai"),
    ("gpt-j", "eleutherai"),
    ("gpt-neo", "eleutherai"),
    ("gpt-neox", "eleutherai"),
    ("granite", "ibm"),
    ("grok", "xai"),
    ("hermes", "nousresearch"),
    ("jamba", "ai21"),
    ("kimi", "moonshotai"),
    ("llama", "meta"),
    ("llama-3.1-nemotron", "nvidia"),
    ("magistral", "mistral"),
    ("meta-llama", "meta"),
    ("minimax", "minimax"),
    ("ministral", "mistral"),
    ("mistral", "mistral"),
    ("mixtral", "mistral"),
    ("moonshot", "moonshotai"),
    ("nemotron", "nvidia"),
    ("nova", "amazon"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("olmo", "allenai"),
    ("openhands-lm", "all-hands"),
    ("phi", "microsoft"),
    ("pixtral", "mistral"),
    ("pythia", "eleutherai"),
    ("qvq", "qwen"),
    ("qwen", "qwen"),
    ("qwq", "qwen"),
    ("starcoder", "bigcode"),
    ("text-davinci", "openai"),
    ("text-embedding", "openai"),
    ("tulu", "allenai"),
    ("wizardlm", "microsoft"),
    ("yi", "01-ai"),
];

/// Other names of vendors.
const SYNONYMS: &[(&str, &str)] = &[
    ("ai21labs", "ai21"),
    ("alibaba", "qwen"),
    ("cohereforai", "cohere"),
    ("coherelabs", "cohere"),
    ("deepseek-ai", "deepseek"),
    ("gemini", "google"),
    ("google-deepmind", "google"),
    ("grok", "xai"),
    ("ibm-granite", "ibm"),
    ("meta-llama", "meta"),
    ("mistralai", "mistral"),
    ("moonshot", "moonshotai"),
    ("thudm", "zai"),
    ("x-ai", "xai"),
    ("z-ai", "zai"),
    ("zai-org", "zai"),
    ("zhipu", "zai"),
    ("zhipuai", "zai"),
];

/// Who runs or routes models of others.
const HOSTS: &[&str] = &[
    "anyscale",
    "azure",
    "azureai",
    "azure_ai",
    "bedrock",
    "cerebras",
    "cloudflare",
    "deepinfra",
    "fireworks",
    "fireworks_ai",
    "github",
    "github_copilot",
    "groq",
    "hf",
    "huggingface",
    "hyperbolic",
    "litellm",
    "llama-cpp-python",
    "lm_studio",
    "lmstudio",
    "models",
    "novita",
    "nvidia_nim",
    "ollama",
    "ollama_chat",
    "openai-api",
    "openrouter",
    "perplexity",
    "replicate",
    "sagemaker",
    "sambanova",
    "sglang",
    "together",
    "together_ai",
    "togethercomputer",
    "vertex",
    "vertex_ai",
    "vllm",
    "watsonx",
];

/// What became of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// The id.
    Id(String),
    /// Nobody says whose model it is; an id that would fit, `VENDOR/…` where the vendor is missing.
    Unmatched(String),
}

/// What the user says of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Whole names in lower case to ids.
    pub models: BTreeMap<String, String>,
    /// Beginnings of names, in the form of ids, to vendors.
    pub vendors: BTreeMap<String, String>,
    /// The vendor of names that nothing else decides.
    pub vendor: Option<String>,
}

/// A text in the alphabet of ids: lower case, everything else a `-`, none doubled and none at the ends.
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '.' | '_') => out.push(c),
            '+' => out.push_str("-plus"),
            _ if !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    let out = out.replace("--", "-");
    out.trim_matches(['-', '.', '_']).to_owned()
}

/// The id of a model that a file names `name`, with a variant that the file adds, by `table` and the built-in one.
pub fn resolve(name: &str, variant: Option<&str>, table: &Table) -> Named {
    if let Some(id) = table.models.get(&name.trim().to_lowercase()) {
        return Named::Id(with_variant(id, variant.map(slug)));
    }
    let name = name.trim();
    let (name, given) = match name.rsplit_once('@') {
        Some((name, variant)) if !variant.contains('/') => (name, Some(slug(variant))),
        _ => (name, None),
    };
    let (first, editor) = match name.split_once(" + ") {
        Some((first, editor)) => (first.trim(), Some(format!("with-{}", slug(editor)))),
        None => (name, None),
    };
    let (bare, remark) = remark(first);
    let variants = [given, remark, variant.map(slug), editor];
    let variants: Vec<String> = variants
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    let variant = (!variants.is_empty()).then(|| variants.join("-"));
    let (path, known) = path(&bare, table);
    let id = with_variant(&path, variant);
    if known && ModelId::parse(&id, "model").is_ok() {
        return Named::Id(id);
    }
    Named::Unmatched(id)
}

/// A name without a bracket at its end, and what the bracket says where that is a setting rather than a number.
fn remark(name: &str) -> (String, Option<String>) {
    let Some((before, inside)) = name
        .strip_suffix(')')
        .and_then(|name| name.rsplit_once('('))
    else {
        return (name.to_owned(), None);
    };
    let words = slug(inside);
    if words.bytes().any(|b| b.is_ascii_alphabetic()) {
        return (before.trim().to_owned(), Some(words));
    }
    (format!("{} {words}", before.trim()), None)
}

fn with_variant(id: &str, variant: Option<String>) -> String {
    let Some(variant) = variant.filter(|variant| !variant.is_empty()) else {
        return id.to_owned();
    };
    let joint = if id.contains('@') { '-' } else { '@' };
    let mut id = format!("{id}{joint}{variant}");
    // All of a slug is ASCII.
    if id.is_ascii() && id.len() > ID_BYTES_MAX {
        id.truncate(ID_BYTES_MAX);
        id.truncate(id.trim_end_matches(['-', '.', '_']).len());
    }
    id
}

/// `vendor/name`, and whether somebody said whose it is.
fn path(name: &str, table: &Table) -> (String, bool) {
    let mut parts: Vec<String> = name
        .split('/')
        .map(slug)
        .filter(|part| !part.is_empty())
        .collect();
    let host = |part: &String| HOSTS.contains(&part.as_str());
    while parts.len() > 1 && host(&parts[0]) {
        parts.remove(0);
    }
    // `openai/azure/gpt-4o` is OpenAI's model at Azure; `accounts/fireworks/models/NAME` says nothing but the name.
    if parts.len() == 3 && host(&parts[1]) {
        parts.remove(1);
    }
    // `openai/qwen/…` and `openai/NAME` of others: an API like OpenAI's, not the vendor.
    if parts.len() > 2 {
        parts.drain(..parts.len() - if parts[0] == "accounts" { 1 } else { 2 });
    }
    match parts.as_slice() {
        [vendor, name] => {
            let synonym = SYNONYMS.iter().find(|(other, _)| other == vendor);
            let vendor = synonym.map_or(vendor.as_str(), |(_, vendor)| vendor);
            (format!("{vendor}/{name}"), true)
        }
        [name] => match vendor(name, table) {
            Some(vendor) => (format!("{vendor}/{name}"), true),
            None => (format!("VENDOR/{name}"), false),
        },
        _ => ("VENDOR/NAME".to_owned(), false),
    }
}

fn vendor<'a>(name: &str, table: &'a Table) -> Option<&'a str> {
    let theirs = table
        .vendors
        .iter()
        .map(|(start, vendor)| (start.as_str(), vendor.as_str()));
    longest(name, theirs)
        .or_else(|| longest(name, VENDORS.iter().copied()))
        .or(table.vendor.as_deref())
}

/// The vendor of the longest beginning that ends where a word does: `o1` begins `o1-mini`, not `o10`.
fn longest<'a>(name: &str, table: impl Iterator<Item = (&'a str, &'a str)>) -> Option<&'a str> {
    let begins = |start: &str| {
        let rest = name.strip_prefix(start)?;
        let (last, next) = (start.bytes().last()?, rest.bytes().next());
        let goes_on = next.is_some_and(|next| {
            next.is_ascii_alphabetic() && last.is_ascii_alphanumeric()
                || next.is_ascii_digit() && last.is_ascii_digit()
        });
        (!goes_on).then_some(start.len())
    };
    table
        .filter_map(|(start, vendor)| Some((begins(start)?, vendor)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, vendor)| vendor)
}

#[cfg(test)]
mod tests;
