//! Facts of a model, with those filled in that it has from the model without `@variant`.

use std::sync::Arc;

use crate::board::answer::{ModelFacts, ModelInfo};
use crate::model::{Model, ModelId};

/// Names of the facts that a model can have from another. Files name them by position: new ones go last.
pub(crate) const INHERITABLE: [&str; 8] = [
    "title",
    "organization",
    "release_date",
    "open_weights",
    "license",
    "preferred_provider",
    "source_url",
    "tags",
];

/// A model's facts; none where neither it nor its base has any.
pub(super) fn inherit(
    id: &ModelId,
    own: Option<&Model>,
    base: Option<&Model>,
) -> Option<Arc<ModelInfo>> {
    if own.is_none() && base.is_none() {
        return None;
    }
    let mut inherited = Vec::new();
    let mut pick = |name: &'static str, has: bool, base_has: bool| {
        debug_assert!(INHERITABLE.contains(&name), "{name}");
        if !has && base_has {
            inherited.push(name);
        }
    };
    macro_rules! field {
        ($name:ident) => {{
            let mine = own.and_then(|own| own.$name.as_ref());
            let theirs = base.and_then(|base| base.$name.as_ref());
            pick(stringify!($name), mine.is_some(), theirs.is_some());
            mine.or(theirs).cloned()
        }};
    }
    let title = field!(title);
    let organization = field!(organization);
    let release_date = field!(release_date);
    let open_weights = field!(open_weights);
    let license = field!(license);
    let preferred_provider = field!(preferred_provider);
    let source_url = field!(source_url);
    let mine = own.map(|own| &own.tags).filter(|tags| !tags.is_empty());
    let theirs = base.map(|base| &base.tags).filter(|tags| !tags.is_empty());
    pick("tags", mine.is_some(), theirs.is_some());
    Some(Arc::new(ModelInfo {
        id: id.clone(),
        facts: Arc::new(ModelFacts {
            title: title.unwrap_or_default(),
            organization: organization.unwrap_or_default(),
            release_date,
            open_weights,
            license: license.unwrap_or_default(),
            tags: mine.or(theirs).cloned().unwrap_or_default(),
            preferred_provider,
            source_url: source_url.unwrap_or_default(),
            inherited,
        }),
    }))
}
