//! YAML as plain values. Aliases are refused: a few lines of them can stand for gigabytes, and no result file has any.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use super::Unreadable;
use super::json::not_utf8;

/// Deepest nesting read.
const DEPTH_MAX: usize = 64;

enum Open {
    List(Vec<Value>),
    Table(Map<String, Value>, Option<String>),
}

/// The first document of a YAML file. Of two equal keys the later one stands.
pub(super) fn document(bytes: &[u8]) -> Result<Value, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(error.valid_up_to()))?;
    let mut open: Vec<Open> = Vec::new();
    let mut root = Value::Null;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            Unreadable::new(
                "NOT_YAML",
                format!("not YAML: {error}; is the file cut short?"),
            )
        })?;
        let value = match event {
            Event::Scalar(text, style, _, _) => scalar(&text, style),
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= DEPTH_MAX => {
                let message = format!(
                    "line {}: nested more than {DEPTH_MAX} deep",
                    span.start.line()
                );
                return Err(Unreadable::new("NOT_YAML", message));
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Table(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(list)) => Value::Array(list),
                Some(Open::Table(table, _)) => Value::Object(table),
                None => continue,
            },
            Event::Alias(_) => {
                let message = format!("line {}: aliases are not read", span.start.line());
                return Err(Unreadable::new("YAML_ALIAS", message));
            }
            Event::DocumentEnd => break,
            _ => continue,
        };
        match open.last_mut() {
            None => root = value,
            Some(Open::List(list)) => list.push(value),
            Some(Open::Table(table, key)) => match key.take() {
                None => *key = Some(super::json::plain(&value).unwrap_or_default()),
                Some(key) => drop(table.insert(key, value)),
            },
        }
    }
    Ok(root)
}

/// The value of a scalar by the core schema of YAML 1.2. Dates are texts.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    if !numeric {
        return Value::from(text);
    }
    if let Ok(count) = text.parse::<i64>() {
        return Value::from(count);
    }
    match text.parse::<f64>().ok().and_then(Number::from_f64) {
        Some(number) => Value::Number(number),
        None => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        document(text.as_bytes()).expect(text)
    }

    #[test]
    fn values_are_those_of_the_core_schema() {
        let text = "- a: 0.0000\n  b: 2024-12-21 # a day\n  c: 'x: 1'\n  d: 225\n  e:\n  f: a5-dirty, f4b\n  g: true\n- [1, '1']\n";
        assert_eq!(
            read(text).to_string(),
            r#"[{"a":0.0,"b":"2024-12-21","c":"x: 1","d":225,"e":null,"f":"a5-dirty, f4b","g":true},[1,"1"]]"#
        );
        assert_eq!(
            read("a: >-\n  one\n  two\nb: |\n  x\n").to_string(),
            r#"{"a":"one two","b":"x\n"}"#
        );
    }

    #[test]
    fn aliases_and_depth_are_refused() {
        let bomb = "a: &a [x, x]\nb: [*a, *a]\n";
        assert_eq!(
            document(bomb.as_bytes()).expect_err("refused").reason,
            "YAML_ALIAS"
        );
        let deep = "[".repeat(1_000);
        assert_eq!(
            document(deep.as_bytes()).expect_err("refused").reason,
            "NOT_YAML"
        );
        assert_eq!(document(b"a: [1, 2").expect_err("cut").reason, "NOT_YAML");
        assert_eq!(document(b"a: \xff").expect_err("bytes").reason, "NOT_UTF8");
    }
}
