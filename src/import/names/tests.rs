//! Names of models.

use super::*;

#[track_caller]
fn id(name: &str) -> String {
    match resolve(name, None, &Table::default()) {
        Named::Id(id) => id,
        Named::Unmatched(proposal) => panic!("`{name}` is unmatched, proposed `{proposal}`"),
    }
}

#[test]
fn names_of_real_files_become_ids() {
    for (name, expected) in [
        (
            "Gemini 2.0 Pro exp-02-05",
            "google/gemini-2.0-pro-exp-02-05",
        ),
        ("o1-2024-12-17 (high)", "openai/o1-2024-12-17@high"),
        ("DeepSeek R1 (0528)", "deepseek/deepseek-r1-0528"),
        (
            "chatgpt-4o-latest (2025-02-15)",
            "openai/chatgpt-4o-latest-2025-02-15",
        ),
        (
            "claude-3-7-sonnet-20250219 (32k thinking tokens)",
            "anthropic/claude-3-7-sonnet-20250219@32k-thinking-tokens",
        ),
        (
            "DeepSeek R1 + claude-3-5-sonnet-20241022",
            "deepseek/deepseek-r1@with-claude-3-5-sonnet-20241022",
        ),
        ("o3 (high) + gpt-4.1", "openai/o3@high-with-gpt-4.1"),
        ("Command R+ (08-24)", "cohere/command-r-plus-08-24"),
        (
            "codeqwen:7b-chat-v1.5-q8_0",
            "qwen/codeqwen-7b-chat-v1.5-q8_0",
        ),
        ("ollama/llama3.1", "meta/llama3.1"),
        (
            "ollama/wojtek/opencodeinterpreter:6.7b",
            "wojtek/opencodeinterpreter-6.7b",
        ),
        (
            "openrouter/qwen/qwen-2.5-coder-32b-instruct",
            "qwen/qwen-2.5-coder-32b-instruct",
        ),
        ("openai/azure/gpt-4o-mini", "openai/gpt-4o-mini"),
        (
            "fireworks_ai/accounts/fireworks/models/qwq-32b",
            "qwen/qwq-32b",
        ),
        ("mistralai/Mixtral-8x7B-v0.1", "mistral/mixtral-8x7b-v0.1"),
        (
            "TencentARC/LLaMA-Pro-8B-Instruct",
            "tencentarc/llama-pro-8b-instruct",
        ),
        (
            "Llama-3.1-Nemotron-70B-Instruct-HF",
            "nvidia/llama-3.1-nemotron-70b-instruct-hf",
        ),
        ("openai/gpt-5@high", "openai/gpt-5@high"),
        ("gpt-neox-20b", "eleutherai/gpt-neox-20b"),
    ] {
        assert_eq!(id(name), expected);
    }
}

#[test]
fn what_nobody_says_is_not_made_up() {
    for (name, proposal) in [
        ("Quasar Alpha", "VENDOR/quasar-alpha"),
        ("Reflection-70B", "VENDOR/reflection-70b"),
        ("o10-large", "VENDOR/o10-large"),
        ("yippee", "VENDOR/yippee"),
        ("", "VENDOR/NAME"),
    ] {
        let found = resolve(name, None, &Table::default());
        assert_eq!(found, Named::Unmatched(proposal.to_owned()), "{name}");
    }
}

#[test]
fn the_user_goes_before_the_table() {
    let table = Table {
        models: BTreeMap::from([("quasar alpha".into(), "openai/gpt-4.1@preview".into())]),
        vendors: BTreeMap::from([("gpt-acme".into(), "acme".into())]),
        vendor: Some("lab".into()),
    };
    let named = |name, variant| resolve(name, variant, &table);
    assert_eq!(
        named("Quasar Alpha", None),
        Named::Id("openai/gpt-4.1@preview".into())
    );
    assert_eq!(
        named("quasar alpha", Some("diff")),
        Named::Id("openai/gpt-4.1@preview-diff".into())
    );
    assert_eq!(
        named("gpt-acme-1", None),
        Named::Id("acme/gpt-acme-1".into())
    );
    assert_eq!(named("Our Model", None), Named::Id("lab/our-model".into()));
    assert_eq!(named("gpt-4", None), Named::Id("openai/gpt-4".into()));
}

#[test]
fn every_answer_is_an_id_or_unmatched() {
    let long = "gpt-".to_owned() + &"x".repeat(300);
    for name in [
        "gpt-4 (\u{e9})",
        "a/b/c/d",
        "//",
        "@",
        "gpt@",
        "(high)",
        " + ",
        "+",
        long.as_str(),
    ] {
        if let Named::Id(id) = resolve(name, Some("..v.."), &Table::default()) {
            assert!(ModelId::parse(&id, "model").is_ok(), "{name}: {id}");
        }
    }
}
