//! Lists, policies and upserts of the catalog.

use std::collections::{BTreeMap, BTreeSet};

use super::field::{Field, shown};
use super::number::{above, within};
use super::text::{name, text};
use crate::limits::{
    ANNUAL_FACTOR_MAX, LABEL_BYTES_MAX, MAGNITUDE_MAX, MAX_ALIASES, MAX_LABELS, MAX_TAGS,
    REQUEST_ID_BYTES_MAX, TAG_BYTES_MAX,
};
use crate::model::{CurvePatch, Patch, Reason, Refusal, Text};

/// A request id; empty = none.
///
/// # Errors
/// [`Reason::FieldTooLong`], or [`Reason::FieldMalformed`] for control characters.
pub fn request_id(value: &str) -> Result<(), Refusal> {
    text(value, REQUEST_ID_BYTES_MAX, "request_id").map(drop)
}

/// A tag: lower case letters, digits, `.`, `_`, `-`.
///
/// # Errors
/// [`Reason::FieldTooLong`], or [`Reason::FieldMalformed`] for other characters.
pub fn tag<'a>(value: &str, field: impl Into<Field<'a>>) -> Result<Text, Refusal> {
    let field = field.into();
    let tag = text(value, TAG_BYTES_MAX, field)?;
    let mut bytes = tag.bytes();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if bytes.next().is_some_and(plain)
        && bytes.all(|byte| plain(byte) || matches!(byte, b'.' | b'_' | b'-'))
    {
        return Ok(tag);
    }
    Err(field.refuse(
        Reason::FieldMalformed,
        format_args!(
            "{} is malformed: a tag is made of lower case letters, digits, `.`, `_`, `-`, such as `reasoning`",
            shown(value)
        ),
    ))
}

/// Tags, sorted, each once.
///
/// # Errors
/// As [`tag`], and [`Reason::FieldTooLong`] past [`MAX_TAGS`].
pub fn tags<'a>(values: &[String], field: impl Into<Field<'a>>) -> Result<Vec<Text>, Refusal> {
    let field = field.into();
    refuse_crowd(values.len(), MAX_TAGS, field)?;
    let tags: Result<BTreeSet<Text>, Refusal> =
        values.iter().map(|value| tag(value, field)).collect();
    Ok(tags?.into_iter().collect())
}

/// Aliases of the model `own`, sorted.
///
/// # Errors
/// As [`name`]; [`Reason::FieldTooLong`] past [`MAX_ALIASES`]; [`Reason::FieldConflict`] for one that is given twice
/// or is the model's own name.
pub fn aliases<'a>(
    values: &[String],
    own: &str,
    field: impl Into<Field<'a>>,
) -> Result<Vec<Text>, Refusal> {
    let field = field.into();
    refuse_crowd(values.len(), MAX_ALIASES, field)?;
    let mut aliases = Vec::with_capacity(values.len());
    for value in values {
        let alias = name(value, field)?;
        if *alias == *own {
            return Err(field.refuse(
                Reason::FieldConflict,
                format_args!(
                    "has {}, which is the model's own name: leave it out",
                    shown(value)
                ),
            ));
        }
        aliases.push(alias);
    }
    aliases.sort_unstable();
    distinct(&aliases, field)?;
    Ok(aliases)
}

/// Refuses a sorted list with equal neighbours.
///
/// # Errors
/// [`Reason::FieldConflict`] naming the value.
pub fn distinct<'a, T: PartialEq + std::fmt::Debug>(
    sorted: &[T],
    field: impl Into<Field<'a>>,
) -> Result<(), Refusal> {
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => Err(field.into().refuse(
            Reason::FieldConflict,
            format_args!(
                "has {} more than once: give each value once",
                shown(format!("{:?}", pair[0]).trim_matches('"'))
            ),
        )),
    }
}

/// Labels of a result.
///
/// # Errors
/// [`Reason::FieldTooLong`] for too many, [`Reason::FieldRequired`] for an empty key, and as [`text`].
pub fn labels<'a>(
    values: &BTreeMap<String, String>,
    field: impl Into<Field<'a>>,
) -> Result<BTreeMap<Text, Text>, Refusal> {
    let field = field.into();
    refuse_crowd(values.len(), MAX_LABELS, field)?;
    let mut labels = BTreeMap::new();
    for (key, value) in values {
        if key.is_empty() {
            return Err(field.refuse(Reason::FieldRequired, "has an empty key: name the label"));
        }
        labels.insert(
            text(key, TAG_BYTES_MAX, field)?,
            text(value, LABEL_BYTES_MAX, field)?,
        );
    }
    Ok(labels)
}

/// Parts of a declared curve. Parts that are not given are checked where they are filled in.
///
/// # Errors
/// [`Reason::NotFinite`]; [`Reason::OutOfRange`] unless factors are greater than 1 and the tolerance is at least 1;
/// [`Reason::FieldConflict`] unless low <= factor <= high.
pub fn curve(given: CurvePatch, parent: &str) -> Result<CurvePatch, Refusal> {
    let CurvePatch {
        annual_factor,
        annual_factor_low,
        annual_factor_high,
        tolerance,
    } = given;
    for (factor, name) in [
        (annual_factor, "annual_factor"),
        (annual_factor_low, "annual_factor_low"),
        (annual_factor_high, "annual_factor_high"),
    ] {
        if let Some(factor) = factor {
            above(factor, 1.0, ANNUAL_FACTOR_MAX, Field::of(parent, name))?;
        }
    }
    if let Some(tolerance) = tolerance {
        within(
            tolerance,
            1.0,
            ANNUAL_FACTOR_MAX,
            Field::of(parent, "tolerance"),
        )?;
    }
    let in_order: Vec<f64> = [annual_factor_low, annual_factor, annual_factor_high]
        .into_iter()
        .flatten()
        .collect();
    if !in_order.is_sorted() {
        return Err(Field::of(parent, "annual_factor").refuse(
            Reason::FieldConflict,
            format_args!(
                "range is out of order, `{in_order:?}`: expected annual_factor_low <= annual_factor <= annual_factor_high"
            ),
        ));
    }
    Ok(given)
}

/// Weights of input and output price in a blended list price.
///
/// # Errors
/// [`Reason::NotFinite`]; [`Reason::OutOfRange`] below zero; [`Reason::FieldConflict`] when both are zero.
pub fn blend_weights(input: Option<f64>, output: Option<f64>, parent: &str) -> Result<(), Refusal> {
    for (weight, name) in [
        (input, "blend_input_weight"),
        (output, "blend_output_weight"),
    ] {
        // Below 1e-15 a price would vanish from the blend without being left out.
        if let Some(weight) = weight.filter(|weight| *weight != 0.0) {
            let field = Field::of(parent, name);
            within(weight, 1.0 / MAGNITUDE_MAX, MAGNITUDE_MAX, field)?;
        }
    }
    if input == Some(0.0) && output == Some(0.0) {
        return Err(Field::of(parent, "blend_input_weight").refuse(
            Reason::FieldConflict,
            "and blend_output_weight are both `0`: one of them must be greater",
        ));
    }
    Ok(())
}

fn refuse_crowd(count: usize, max: usize, field: Field<'_>) -> Result<(), Refusal> {
    if count > max {
        return Err(field.refuse(
            Reason::FieldTooLong,
            format_args!("has `{count}` items: at most `{max}` are kept"),
        ));
    }
    Ok(())
}

/// Which fields of an upsert to unset.
#[derive(Clone, Copy, Debug)]
pub struct Clearing<'a> {
    names: &'a [String],
    parent: &'a str,
}

impl<'a> Clearing<'a> {
    /// Reads the names of the fields of `parent` to unset.
    ///
    /// # Errors
    /// [`Reason::FieldMalformed`] for a name that is not among `known`.
    pub fn new(names: &'a [String], known: &[&str], parent: &'a str) -> Result<Self, Refusal> {
        match names.iter().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self { names, parent }),
            Some(name) => Err(Field::from("clear").refuse(
                Reason::FieldMalformed,
                format_args!(
                    "names {}, which cannot be unset: expected some of `{}`",
                    shown(name),
                    known.join("`, `")
                ),
            )),
        }
    }

    /// What to do with one field.
    ///
    /// # Errors
    /// [`Reason::FieldConflict`] when the field is both set and named.
    pub fn patch<T>(&self, name: &str, value: Option<T>) -> Result<Patch<T>, Refusal> {
        let named = self.names.iter().any(|cleared| cleared == name);
        match (value, named) {
            (None, false) => Ok(Patch::Keep),
            (None, true) => Ok(Patch::Clear),
            (Some(value), false) => Ok(Patch::Set(value)),
            (Some(_), true) => Err(Field::of(self.parent, name).refuse(
                Reason::FieldConflict,
                "is set and also named in `clear`: do one of both",
            )),
        }
    }

    /// What to do with a text: an empty one that is given unsets the field, as naming it in `clear` does.
    ///
    /// # Errors
    /// As [`Clearing::patch`], and those of `check`.
    pub fn text<T>(
        &self,
        name: &str,
        value: Option<&str>,
        check: impl FnOnce(&str, Field<'_>) -> Result<T, Refusal>,
    ) -> Result<Patch<T>, Refusal> {
        match value {
            Some("") => Ok(Patch::Clear),
            Some(value) => self.patch(name, Some(check(value, Field::of(self.parent, name))?)),
            None => self.patch(name, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn reason<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Reason {
        outcome.expect_err("refused").reason
    }

    #[test]
    fn request_ids_are_short_and_printable() {
        assert!(request_id("").is_ok());
        assert!(request_id(&"a".repeat(64)).is_ok());
        assert_eq!(reason(request_id(&"a".repeat(65))), Reason::FieldTooLong);
        assert_eq!(reason(request_id("a\0")), Reason::FieldMalformed);
    }

    #[test]
    fn tags_are_words_sorted_and_each_once() {
        let read = tags(&strings(&["math", "code", "math"]), "tags").expect("tags");
        assert_eq!(read, ["code".into(), "math".into()]);
        for bad in ["", "Math", "a b", "-a", "a/b"] {
            assert_eq!(
                reason(tags(&strings(&[bad]), "tags")),
                Reason::FieldMalformed,
                "{bad}"
            );
        }
        assert_eq!(
            reason(tags(&strings(&["a"; 17]), "tags")),
            Reason::FieldTooLong
        );
        assert_eq!(reason(tag(&"a".repeat(65), "tag")), Reason::FieldTooLong);
    }

    #[test]
    fn aliases_are_distinct_and_not_the_model_itself() {
        let read = |values: &[&str]| aliases(&strings(values), "a/b", "model.aliases");
        assert_eq!(read(&["y", "x"]), Ok(vec!["x".into(), "y".into()]));
        assert_eq!(reason(read(&["x", "y", "x"])), Reason::FieldConflict);
        assert_eq!(reason(read(&["a/b"])), Reason::FieldConflict);
        assert_eq!(reason(read(&[""])), Reason::FieldRequired);
        assert_eq!(
            reason(read(&["1", "2", "3", "4", "5", "6", "7", "8", "9"])),
            Reason::FieldTooLong
        );
    }

    #[test]
    fn labels_are_bounded() {
        let one = |key: &str, value: &str| {
            labels(
                &BTreeMap::from([(key.to_owned(), value.to_owned())]),
                "labels",
            )
        };
        assert!(one("seed", "7").is_ok());
        assert_eq!(reason(one("", "7")), Reason::FieldRequired);
        assert_eq!(reason(one(&"k".repeat(65), "7")), Reason::FieldTooLong);
        assert_eq!(reason(one("k", &"v".repeat(129))), Reason::FieldTooLong);
        let many = (0..9).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(reason(labels(&many, "labels")), Reason::FieldTooLong);
    }

    #[test]
    fn a_declared_curve_declines() {
        let with = |low, factor, high, tolerance| {
            let patch = CurvePatch {
                annual_factor: factor,
                annual_factor_low: low,
                annual_factor_high: high,
                tolerance,
            };
            curve(patch, "trend")
        };
        assert!(with(Some(3.0), Some(4.0), Some(10.0), Some(1.0)).is_ok());
        assert!(with(None, None, None, None).is_ok());
        assert_eq!(
            reason(with(None, Some(1.0), None, None)),
            Reason::OutOfRange
        );
        assert_eq!(
            reason(with(None, Some(1e9), None, None)),
            Reason::OutOfRange
        );
        assert_eq!(
            reason(with(None, Some(f64::NAN), None, None)),
            Reason::NotFinite
        );
        assert_eq!(
            reason(with(None, None, None, Some(0.9))),
            Reason::OutOfRange
        );
        assert_eq!(
            reason(with(Some(5.0), Some(4.0), None, None)),
            Reason::FieldConflict
        );
        assert_eq!(
            reason(with(None, Some(4.0), Some(3.0), None)),
            Reason::FieldConflict
        );
        assert_eq!(
            reason(with(Some(4.0), None, Some(3.0), None)),
            Reason::FieldConflict
        );
    }

    #[test]
    fn blend_weights_are_not_both_zero() {
        assert!(blend_weights(Some(1.0), Some(0.0), "benchmark").is_ok());
        assert_eq!(
            reason(blend_weights(Some(0.0), Some(0.0), "benchmark")),
            Reason::FieldConflict
        );
        assert_eq!(
            reason(blend_weights(Some(-1.0), None, "benchmark")),
            Reason::OutOfRange
        );
        assert_eq!(
            reason(blend_weights(None, Some(1e-300), "benchmark")),
            Reason::OutOfRange
        );
    }

    #[test]
    fn a_field_is_kept_set_or_cleared_and_never_both() {
        let names = strings(&["title"]);
        let known = ["title", "unit"];
        let clearing = Clearing::new(&names, &known, "benchmark").expect("known");
        assert_eq!(clearing.patch::<u8>("unit", None), Ok(Patch::Keep));
        assert_eq!(clearing.patch("unit", Some(1)), Ok(Patch::Set(1)));
        assert_eq!(clearing.patch::<u8>("title", None), Ok(Patch::Clear));
        let refusal = clearing.patch("title", Some(1)).expect_err("both");
        assert_eq!(refusal.reason, Reason::FieldConflict);
        assert_eq!(refusal.field, "benchmark.title");

        let unknown = strings(&["id"]);
        let refusal = Clearing::new(&unknown, &known, "benchmark").expect_err("unknown");
        assert_eq!(refusal.reason, Reason::FieldMalformed);
        assert!(refusal.message.contains("`title`, `unit`"));
    }

    #[test]
    fn an_empty_text_unsets_its_field() {
        let clearing = Clearing::new(&[], &["title"], "model").expect("nothing");
        let read = |value| clearing.text("title", value, |text, _| Ok(text.to_owned()));
        assert_eq!(read(Some("")), Ok(Patch::Clear));
        assert_eq!(read(Some("a")), Ok(Patch::Set("a".to_owned())));
        assert_eq!(read(None), Ok(Patch::Keep));
    }
}
