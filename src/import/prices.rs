//! Price lists: input, cache read, cache write and output in USD per million tokens, at standard hours, for the least
//! context, not in batches. A price that names no first day is in force from `--date`, else from the day on which the
//! list says that it was checked, else from the day of the import.

pub mod genai;
pub mod litellm;

use super::names::slug;
use crate::limits::PROVIDER_BYTES_MAX;

/// Other names of providers in price lists.
const PROVIDERS: [(&str, &str); 7] = [
    ("gemini", "google"),
    ("mistralai", "mistral"),
    ("moonshot", "moonshotai"),
    ("text-completion-openai", "openai"),
    ("x-ai", "xai"),
    ("z-ai", "zai"),
    ("zhipu", "zai"),
];

/// The provider under the name that model ids use for it, so that a vendor's own prices are found as such.
fn provider(name: &str) -> String {
    let name = slug(name);
    // LiteLLM tells families of models at one provider apart: `vertex_ai-language-models`.
    let name = if name.starts_with("vertex_ai") {
        "vertex_ai".to_owned()
    } else {
        name
    };
    let other = PROVIDERS.iter().find(|(other, _)| *other == name);
    let mut name = other.map_or(name, |(_, provider)| (*provider).to_owned());
    name.truncate(PROVIDER_BYTES_MAX);
    name
}
