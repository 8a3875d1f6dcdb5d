//! Which format a file is, by its content.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// A format that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Leaderboard data of Aider, YAML.
    Aider,
    /// Results of lm-evaluation-harness, JSON.
    LmEval,
    /// A log of Inspect AI, JSON or a zip archive.
    Inspect,
    /// A run of HELM: `run_spec.json` beside `stats.json`.
    Helm,
    /// Records of Every Eval Ever, JSON: one, or one a line.
    Eee,
    /// Prices of LiteLLM, JSON.
    PricesLitellm,
    /// Prices of genai-prices, one provider, YAML.
    PricesGenai,
    /// Our own columns, comma separated.
    Csv,
    /// Our own columns, one JSON object a line.
    Jsonl,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Aider,
        Self::LmEval,
        Self::Inspect,
        Self::Helm,
        Self::Eee,
        Self::PricesLitellm,
        Self::PricesGenai,
        Self::Csv,
        Self::Jsonl,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aider => "aider",
            Self::LmEval => "lm-eval",
            Self::Inspect => "inspect",
            Self::Helm => "helm",
            Self::Eee => "eee",
            Self::PricesLitellm => "prices-litellm",
            Self::PricesGenai => "prices-genai",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Bytes of a file that are enough to recognise it.
pub const HEAD_BYTES: usize = 256 * 1024;

/// The format of a file that begins with `head`; none = no format of ours.
pub fn recognise(head: &[u8]) -> Option<Format> {
    if head.starts_with(b"PK\x03\x04") {
        return Some(Format::Inspect);
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    // A character may be cut at the end of the head.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    let text = text.trim_start();
    match text.bytes().next()? {
        b'{' => object(text),
        b'[' => {
            (text.contains("\"name\"") && text.contains("\"split\"") && text.contains("\"mean\""))
                .then_some(Format::Helm)
        }
        _ => lines(text),
    }
}

fn object(text: &str) -> Option<Format> {
    let keys = Keys::of(text);
    let has = |key: &str| keys.iter().any(|known| known == key);
    let first_value_has = |key: &str| {
        text.get(..text.len().min(4096))
            .unwrap_or(text)
            .contains(key)
    };
    if has("benchmark") && has("model") && has("score") {
        Some(Format::Jsonl)
    } else if has("schema_version") && (has("evaluation_results") || has("model_info")) {
        Some(Format::Eee)
    } else if has("adapter_spec") && has("scenario_spec") {
        Some(Format::Helm)
    } else if has("eval") && (has("status") || has("plan")) {
        Some(Format::Inspect)
    } else if has("results")
        && (has("versions") || has("configs") || has("config") || keys.len() == 1)
    {
        Some(Format::LmEval)
    } else if has("sample_spec")
        || first_value_has("\"litellm_provider\"")
        || first_value_has("\"input_cost_per_token\"")
    {
        Some(Format::PricesLitellm)
    } else {
        None
    }
}

fn lines(text: &str) -> Option<Format> {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with('#') && line.trim() != "---")?;
    let cells: Vec<&str> = first
        .split(',')
        .map(|cell| cell.trim().trim_matches('"'))
        .collect();
    if ["benchmark", "model", "score"]
        .iter()
        .all(|name| cells.contains(name))
    {
        return Some(Format::Csv);
    }
    let begins = |key: &str| {
        text.lines()
            .any(|line| line.trim_start_matches(['-', ' ']).starts_with(key))
    };
    if first.starts_with('-') && begins("pass_rate_") && begins("edit_format:") {
        return Some(Format::Aider);
    }
    let top = |key: &str| text.lines().any(|line| line.starts_with(key));
    (top("id:") && (top("models:") || top("pricing_urls:") || top("api_pattern:")))
        .then_some(Format::PricesGenai)
}

/// Keys of the first object in a text, as far as the text goes.
#[derive(Default)]
struct Keys(Vec<String>);

impl Keys {
    fn of(text: &str) -> Vec<String> {
        let mut keys = Self::default();
        let mut reader = serde_json::Deserializer::from_str(text);
        // An end before the object's ends with an error, after the keys that stand before it.
        let _ = reader.deserialize_map(&mut keys);
        keys.0
    }
}

impl<'de> Visitor<'de> for &mut Keys {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.0.push(key);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Used to say what a JSON file is that is no result file.
pub(super) fn is_schema(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&head[..head.len().min(4096)]);
    text.contains("\"$schema\"") && text.contains("json-schema.org")
}

/// What to say of a file that is no format of ours.
pub fn unrecognised(head: &[u8]) -> super::Unreadable {
    let what = if head.is_empty() {
        "the file is empty"
    } else if is_schema(head) {
        "a JSON schema, not results"
    } else {
        "the content is that of no format that can be imported"
    };
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    super::Unreadable::new(
        "NOT_RECOGNISED",
        format!(
            "{what} ({}); name the format if it is one of them",
            names.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_content() {
        for (text, format) in [
            (
                "- dirname: x\n  pass_rate_2: 1\n  edit_format: whole\n",
                Some(Format::Aider),
            ),
            ("{\"results\": {}, \"versions\": {}}", Some(Format::LmEval)),
            ("{\"results\": {\"a\": {\"acc\": 0.", Some(Format::LmEval)),
            (
                "{\"version\": 2, \"status\": \"success\", \"eval\": {\"a\"",
                Some(Format::Inspect),
            ),
            ("PK\u{3}\u{4}", Some(Format::Inspect)),
            (
                "[{\"name\": {\"name\": \"f1\", \"split\": \"test\"}, \"mean\": 1}]",
                Some(Format::Helm),
            ),
            (
                "{\"schema_version\": \"0.3.0\", \"evaluation_results\": []}",
                Some(Format::Eee),
            ),
            (
                "{\"evaluation_results\":[],\"schema_version\":\"0.3.0\"}\n{\"evaluation_results\":[",
                Some(Format::Eee),
            ),
            (
                "{\"gpt\": {\"litellm_provider\": \"openai\"}}",
                Some(Format::PricesLitellm),
            ),
            (
                "# c\nname: A\nid: a\nmodels:\n  - id: b\n",
                Some(Format::PricesGenai),
            ),
            ("\u{feff}model,benchmark,score\n", Some(Format::Csv)),
            (
                "{\"benchmark\":\"a\",\"model\":\"b/c\",\"score\":1}\n",
                Some(Format::Jsonl),
            ),
            ("{\"$schema\": \"http://json-schema.org/x\"}", None),
            ("Apache License", None),
            ("", None),
            ("{", None),
        ] {
            assert_eq!(recognise(text.as_bytes()), format, "{text}");
        }
        assert_eq!(recognise(b"\xff\xfe"), None);
    }
}
