//! Well-formed messages of any method, with values that mean something to the daemon.

use std::sync::OnceLock;

use arbitrary::{Result, Unstructured};
use bytes::Bytes;
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, MethodDescriptor, Value,
};

/// Deeper messages stay empty.
const DEPTH_MAX: usize = 4;
/// Longest list drawn.
const ITEMS_MAX: usize = 3;

const TEXTS: [&str; 28] = [
    "", "gpqa-diamond", "mmlu", "overall", "suite/knowledge", "mmlu-price-history", "aider-polyglot", "deepseek/v3",
    "deepseek/r1", "openai/o1-1217", "anthropic/claude-3.5-sonnet-1022", "sonnet-1022", "acme/one@high", "our-evals",
    "our-evals@2", "2024-12-26", "2025-01-20", "2999-12-31", "1949-12-31", "PERCENT", "FRACTION", "USD", "request-1",
    "https://example.org/a", "reasoning", "ab", "\u{0}", "é\u{202e}",
];
const NUMBERS: [f64; 14] = [
    0.0, 1.0, -1.0, 0.5, 59.1, 100.0, 1e-15, 1e15, 1e300, -1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY,
    f64::MIN_POSITIVE,
];
const WHOLE: [i64; 10] = [0, 1, -1, 2, 100, 198, 1_000, 65_537, i64::MAX, i64::MIN];

/// All methods of the API.
pub fn methods() -> &'static [MethodDescriptor] {
    static METHODS: OnceLock<Vec<MethodDescriptor>> = OnceLock::new();
    METHODS.get_or_init(|| {
        let pool = DescriptorPool::decode(frontierd::proto::DESCRIPTORS).expect("descriptors");
        pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
    })
}

/// A request of a method.
///
/// # Errors
/// When nothing is left to draw from.
pub fn request(method: &MethodDescriptor, from: &mut Unstructured<'_>) -> Result<Bytes> {
    let message = message(&method.input(), from, 0)?;
    Ok(message.encode_to_vec().into())
}

fn message(of: &MessageDescriptor, from: &mut Unstructured<'_>, depth: usize) -> Result<DynamicMessage> {
    let mut message = DynamicMessage::new(of.clone());
    if depth >= DEPTH_MAX {
        return Ok(message);
    }
    for field in of.fields() {
        // The outer fields are what most checks are about.
        if from.ratio(1, 2 + depth as u32)? {
            let value = field_value(&field, from, depth)?;
            message.set_field(&field, value);
        }
    }
    Ok(message)
}

fn field_value(field: &FieldDescriptor, from: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    let many = from.int_in_range(1..=ITEMS_MAX)?;
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else {
            return Ok(Value::Map(Default::default()));
        };
        let mut map = std::collections::HashMap::new();
        for _ in 0..many {
            map.insert(MapKey::String(text(from)?), single(&entry.map_entry_value_field().kind(), from, depth)?);
        }
        return Ok(Value::Map(map));
    }
    if field.is_list() {
        let items: Result<Vec<Value>> = (0..many).map(|_| single(&field.kind(), from, depth)).collect();
        return Ok(Value::List(items?));
    }
    single(&field.kind(), from, depth)
}

fn single(kind: &Kind, from: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    Ok(match kind {
        Kind::Double => Value::F64(if from.ratio(3, 4)? { *from.choose(&NUMBERS)? } else { from.arbitrary()? }),
        Kind::Float => Value::F32(*from.choose(&NUMBERS)? as f32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            Value::I64(if from.ratio(3, 4)? { *from.choose(&WHOLE)? } else { from.arbitrary()? })
        }
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(*from.choose(&WHOLE)? as i32),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(from.arbitrary()?),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(from.arbitrary()?),
        Kind::Bool => Value::Bool(from.arbitrary()?),
        Kind::String => Value::String(text(from)?),
        Kind::Bytes => Value::Bytes(from.arbitrary::<Vec<u8>>()?.into()),
        Kind::Enum(_) => Value::EnumNumber(from.int_in_range(-1..=6)?),
        Kind::Message(of) => Value::Message(message(of, from, depth + 1)?),
    })
}

fn text(from: &mut Unstructured<'_>) -> Result<String> {
    Ok(match from.int_in_range(0..=9_u8)? {
        0..=7 => (*from.choose(&TEXTS)?).to_owned(),
        8 => from.arbitrary()?,
        _ => "x".repeat(from.int_in_range(0..=5_000_usize)?),
    })
}
