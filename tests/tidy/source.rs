//! Rust source as text with everything but code blanked, and what can be read from it.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// A source file with everything but code blanked.
pub(crate) struct Source {
    /// From the root of the repository.
    pub(crate) path: String,
    pub(crate) raw: String,
    /// As long as `raw`, with the same line breaks.
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn new(path: String, raw: String) -> Self {
        let code = code_of(&raw);
        Self { path, raw, code }
    }

    /// The path of a file of src/ without `src/` and `.rs`.
    pub(crate) fn module(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.strip_suffix(".rs")
    }

    fn is_test(&self) -> bool {
        let module = self.module();
        module.is_none_or(|module| module.split('/').any(|part| part == "tests"))
    }

    /// The code with test modules and functions blanked too.
    pub(crate) fn shipped(&self) -> String {
        if self.is_test() {
            return blank(&self.code, 0, self.code.len());
        }
        let mut code = self.code.clone();
        while let Some(start) = code.find("#[cfg(test)]") {
            let end = code[start..].find(['{', ';']).map_or(code.len(), |at| {
                match code.as_bytes()[start + at] {
                    b'{' => close_of(&code, start + at) + 1,
                    _ => start + at + 1,
                }
            });
            code = blank(&code, start, end);
        }
        code
    }

    pub(crate) fn at(&self, offset: usize, what: &str) -> String {
        let line = 1 + self.raw[..offset].matches('\n').count();
        format!("{}:{line}: {what}", self.path)
    }
}

fn blank(text: &str, start: usize, end: usize) -> String {
    let keep_lines = |c: char| {
        if c == '\n' {
            "\n".to_owned()
        } else {
            " ".repeat(c.len_utf8())
        }
    };
    let middle: String = text[start..end].chars().map(keep_lines).collect();
    format!("{}{middle}{}", &text[..start], &text[end..])
}

/// Blanks comments, strings and characters; what is left has the offsets it had.
pub(crate) fn code_of(raw: &str) -> String {
    let mut code = String::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        let word_before = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let Some(length) = literal_length(rest, word_before) else {
            let c = rest.chars().next().expect("not at the end");
            code.push(c);
            at += c.len_utf8();
            continue;
        };
        code.push_str(&blank(rest, 0, length)[..length]);
        at += length;
    }
    code
}

/// The length of the comment or literal that a text starts with.
fn literal_length(rest: &str, word_before: bool) -> Option<usize> {
    let until = |end: &str, from: usize| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |at| from + at + end.len())
    };
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(until("*/", 2));
    }
    let bytes = rest.as_bytes();
    if !word_before && (rest.starts_with('r') || rest.starts_with("br")) {
        let from = rest.find('r')? + 1;
        let hashes = bytes[from..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        if bytes.get(from + hashes) == Some(&b'"') {
            let end = format!("\"{}", "#".repeat(hashes));
            return Some(until(&end, from + hashes + 1));
        }
    }
    let quoted = |quote: u8| {
        let mut at = 1;
        while at < bytes.len() && bytes[at] != quote {
            at += 1 + usize::from(bytes[at] == b'\\');
        }
        (at + 1).min(bytes.len())
    };
    match bytes[0] {
        b'"' => Some(quoted(b'"')),
        // A lifetime has no closing quote right after its first character.
        b'\'' if bytes.get(1) == Some(&b'\\') => Some(quoted(b'\'')),
        b'\'' => {
            let length = 1 + rest[1..].chars().next()?.len_utf8();
            (bytes.get(length) == Some(&b'\'')).then_some(length + 1)
        }
        _ => None,
    }
}

/// Offset of the brace that closes the one at `open`.
fn close_of(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at;
        }
    }
    code.len() - 1
}

/// Where a word or path stands in code: not inside a longer word, nor after `::` where it starts a path.
pub(crate) fn occurrences<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let (before, after) = (&code[..*at], &code[at + word.len()..]);
            let starts = !word.starts_with(in_word) || !before.ends_with(in_word);
            let ends = !word.ends_with(in_word) || !after.starts_with(in_word);
            let leads = !word.ends_with("::") || !before.ends_with("::");
            starts && ends && leads
        })
}

/// First names of what follows `crate::` or `super::`: a name, or those of a group.
fn names_after(code: &str) -> Vec<&str> {
    let name = |text: &str| {
        text.find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len())
    };
    let Some(group) = code.strip_prefix('{') else {
        return vec![&code[..name(code)]];
    };
    let group = &group[..close_of(code, 0) - 1];
    let mut depth = 0;
    let members = group.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let names = members.map(|member| &member.trim()[..name(member.trim())]);
    names.filter(|name| !name.is_empty()).collect()
}

/// Modules of the crate's root that a file names, with the offset of each.
pub(crate) fn imports(source: &Source) -> Vec<(usize, String)> {
    let code = &source.code;
    let mut found = Vec::new();
    for root in ["crate::", "frontierd::"] {
        for at in occurrences(code, root) {
            let names = names_after(&code[at + root.len()..]);
            found.extend(names.into_iter().map(|name| (at, name.to_owned())));
        }
    }
    let depth_of_file = source
        .module()
        .map_or(0, |module| module.split('/').count());
    for at in occurrences(code, "super::") {
        let chain = code[at..].len() - code[at..].trim_start_matches("super::").len();
        let levels = chain / "super::".len();
        if levels == depth_of_file + inline_depth(code, at) {
            let names = names_after(&code[at + chain..]);
            found.extend(names.into_iter().map(|name| (at, name.to_owned())));
        }
    }
    found
}

/// Number of `mod x { .. }` around an offset.
fn inline_depth(code: &str, offset: usize) -> usize {
    let around = |at: &usize| {
        let head = &code[*at..offset];
        let opens = head.find('{').filter(|open| !head[..*open].contains(';'));
        opens.is_some_and(|open| close_of(code, at + open) > offset)
    };
    occurrences(&code[..offset], "mod").filter(around).count()
}

/// Functions with a body: offset, name, lines.
pub(crate) fn functions(code: &str) -> Vec<(usize, &str, usize)> {
    let mut found = Vec::new();
    for at in occurrences(code, "fn") {
        let head = &code[at + 2..];
        let name = head.trim_start();
        let name = &name[..name.find(['(', '<']).unwrap_or(0)];
        let mut depth = 0;
        let body = head.char_indices().find(|(_, c)| {
            depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
            depth == 0 && matches!(c, '{' | ';')
        });
        if let Some((open, '{')) = body
            && !name.is_empty()
        {
            let end = close_of(code, at + 2 + open);
            found.push((at, name, 1 + code[at..end].matches('\n').count()));
        }
    }
    found
}

/// The files below a directory, or one file, with one of some extensions (or names, where they have none).
pub(crate) fn read(dir: &str, extensions: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting = vec![root.join(dir)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a directory of the repository");
            waiting.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path
            .extension()
            .or(path.file_name())
            .is_some_and(|e| extensions.iter().any(|known| e == *known))
        {
            files.push(path);
        }
    }
    files.sort();
    let relative = |path: &Path| {
        path.strip_prefix(root)
            .expect("inside")
            .display()
            .to_string()
    };
    let read = |path: &PathBuf| fs::read_to_string(path).expect("text");
    files
        .iter()
        .map(|path| Source::new(relative(path), read(path)))
        .collect()
}

#[test]
fn rules_see_code_and_not_comments_or_literals() {
    let raw = "use sled::Db; // sled::A\nlet a = \"sled::B\\\" sled::C\"; let b = r#\"sled::\"#; let c: &'a u8 = '\"'; sled::D";
    let code = code_of(raw);
    assert_eq!(code.len(), raw.len());
    assert_eq!(
        occurrences(&code, "sled::").collect::<Vec<_>>(),
        [4, raw.len() - 7]
    );
    assert_eq!(occurrences("self::sled::X unsled::Y", "sled::").count(), 0);
}

#[test]
fn rules_see_what_a_file_imports() {
    let raw = "use crate::model::{Date, Text};\nuse crate::{log::{A, B}, hub};\nuse super::super::clock::C;\n\
               use super::near;\nmod tests { use super::*; use super::super::super::api::D; }\nfn f() { crate::cli::g() }";
    let source = Source::new("src/board/x.rs".to_owned(), raw.to_owned());
    let mut names: Vec<String> = imports(&source).into_iter().map(|(_, name)| name).collect();
    names.sort();
    assert_eq!(names, ["api", "cli", "clock", "hub", "log", "model"]);
    assert!(source.shipped().contains("near"));
    let functions = functions("fn f(a: [u8; 2]) -> T {\n\n}\nfn g();\nlet h: fn(u8) = f;");
    assert_eq!(functions, [(0, "f", 3)]);
}
