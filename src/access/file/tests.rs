//! Tokens in a file, and in the table that is made of it.

use super::super::{Denied, Role, Secret, TokenState, show_time};
use super::*;
use crate::model::Timestamp;

const DAY: i64 = 86_400_000_000;

fn at(days: i64) -> Timestamp {
    Timestamp::from_micros(days * DAY)
}

fn record(secret: &Secret, name: &str, role: Role) -> TokenRecord {
    let digest = secret.digest();
    TokenRecord {
        id: digest.id(),
        name: name.to_owned(),
        role,
        blake3: digest.to_string(),
        benchmarks: Vec::new(),
        organizations: Vec::new(),
        submissions_per_second: None,
        submissions_burst: None,
        reads_per_second: None,
        reads_burst: None,
        created: show_time(at(20_000)),
        expires: None,
        revoked: None,
    }
}

fn table(tokens: Vec<TokenRecord>) -> Table {
    let file = TokenFile {
        tokens,
        ..TokenFile::default()
    };
    Table::new(&file, &Table::default()).expect("sound tokens")
}

#[test]
fn a_token_is_found_by_its_text_and_by_nothing_else() {
    let secret = Secret::generate().expect("random");
    let table = table(vec![record(&secret, "ci", Role::Submit)]);
    let caller = table.holder(secret.reveal(), at(20_001)).expect("known");
    assert_eq!(caller.name().map(|name| &**name), Some("ci"));
    assert!(!caller.is_admin());
    let digest = secret.digest().to_string();
    for other in ["", "frontierd_", &digest, &secret.reveal()[1..]] {
        let denied = table.holder(other, at(20_001)).expect_err("unknown");
        assert_eq!(denied, Denied::Unknown, "{other}");
    }
}

#[test]
fn expired_and_revoked_tokens_are_told_apart() {
    let (old, taken) = (
        Secret::generate().expect("random"),
        Secret::generate().expect("random"),
    );
    let mut expiring = record(&old, "a", Role::Read);
    expiring.expires = Some(show_time(at(20_010)));
    let mut revoked = record(&taken, "b", Role::Admin);
    revoked.revoked = Some(show_time(at(20_005)));
    assert_eq!(expiring.state(at(20_009)), Ok(TokenState::Active));
    assert_eq!(expiring.state(at(20_010)), Ok(TokenState::Expired));
    assert_eq!(revoked.state(at(20_001)), Ok(TokenState::Revoked));
    let table = table(vec![expiring, revoked]);
    let caller = table.holder(old.reveal(), at(20_009)).expect("still good");
    assert_eq!(table.still(&caller, at(20_009)), Ok(()));
    let denied = table.holder(old.reveal(), at(20_010)).expect_err("over");
    assert!(matches!(denied, Denied::Expired { .. }), "{denied}");
    assert_eq!(table.still(&caller, at(20_010)), Err(denied));
    let denied = table.holder(taken.reveal(), at(20_009)).expect_err("back");
    assert!(matches!(denied, Denied::Revoked { .. }), "{denied}");
    assert!(denied.to_string().contains("frontierd token create"));
}

#[test]
fn a_file_keeps_no_secret_and_is_private_and_reads_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("tokens.toml");
    let secret = Secret::generate().expect("random");
    let mut token = record(&secret, "ci", Role::Submit);
    token.benchmarks = vec!["our-*".to_owned()];
    token.submissions_per_second = Some(10.0);
    for _ in 0..2 {
        let added = TokenFile::update(&path, |file| {
            file.tokens.retain(|old| old.id != token.id);
            file.tokens.push(token.clone());
            Ok(file.tokens.len())
        });
        assert_eq!(added, Ok(1));
    }
    let text = std::fs::read_to_string(&path).expect("text");
    assert!(!text.contains(&secret.reveal()[10..]), "{text}");
    assert_eq!(TokenFile::read(&path).expect("sound").tokens, [token]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let refused: Result<(), _> = TokenFile::update(&path, |file| {
        file.tokens.clear();
        Err("no".to_owned())
    });
    assert!(refused.is_err());
    assert_eq!(std::fs::read_to_string(&path).expect("text"), text);
}

#[test]
fn concurrent_changes_lose_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = &dir.path().join("tokens.toml");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                let secret = Secret::generate().expect("random");
                let token = record(&secret, &format!("t{thread}"), Role::Read);
                TokenFile::update(path, |file| {
                    file.tokens.push(token);
                    Ok(())
                })
                .expect("added");
            });
        }
    });
    assert_eq!(TokenFile::read(path).expect("sound").tokens.len(), 8);
}

#[test]
fn what_is_wrong_is_named() {
    let secret = Secret::generate().expect("random");
    let good = record(&secret, "ci", Role::Admin);
    let change = |change: fn(&mut TokenRecord)| {
        let mut token = good.clone();
        change(&mut token);
        let file = TokenFile {
            tokens: vec![token],
            ..TokenFile::default()
        };
        let text = file.to_text().expect("text");
        TokenFile::parse(&text).expect_err("refused").to_string()
    };
    for (message, part) in [
        (change(|t| t.blake3.truncate(63)), "64 hexadecimal"),
        (change(|t| t.id = "00000000".to_owned()), "edited"),
        (change(|t| t.name = "unknown".to_owned()), "`unknown`"),
        (change(|t| t.benchmarks = vec!["a".to_owned()]), "no scope"),
        (change(|t| t.expires = Some("soon".to_owned())), "`expires`"),
        (change(|t| t.reads_burst = Some(5)), "reads_per_second"),
        (change(|t| t.submissions_per_second = Some(-1.0)), "`-1`"),
    ] {
        assert!(message.contains("token 1"), "{message}");
        assert!(message.contains(part), "{part}: {message}");
    }
    let twice = format!(
        "{0}{0}",
        toml::to_string(&TokenFile {
            tokens: vec![good.clone()],
            ..TokenFile::default()
        })
        .expect("text")
    );
    let message = TokenFile::parse(&twice).expect_err("twice").to_string();
    assert!(message.contains("twice"), "{message}");
    let message = TokenFile::parse("tokens = 1")
        .expect_err("unknown")
        .to_string();
    assert!(message.contains("tokens"), "{message}");
}

#[test]
fn a_reload_does_not_give_a_used_burst_back() {
    let secret = Secret::generate().expect("random");
    let mut token = record(&secret, "ci", Role::Submit);
    token.submissions_per_second = Some(0.001);
    token.submissions_burst = Some(1);
    let mut file = TokenFile {
        tokens: vec![token],
        ..TokenFile::default()
    };
    let take = |table: &Table| {
        let caller = table.holder(secret.reveal(), at(20_001)).expect("known");
        let rate = caller.submissions().expect("limited");
        rate.take().is_ok()
    };
    let first = Table::new(&file, &Table::default()).expect("sound");
    assert!(take(&first) && !take(&first));
    let second = Table::new(&file, &first).expect("sound");
    assert!(!take(&second), "the same limit goes on");
    file.tokens[0].submissions_burst = Some(2);
    let third = Table::new(&file, &second).expect("sound");
    assert!(take(&third), "another limit starts afresh");
}
