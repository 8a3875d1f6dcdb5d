//! TLS from a shell: certificates made here, renewed while the daemon serves, and asked of clients.

use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};

use crate::daemon::{Daemon, frontierd};
use crate::tools::available;

const STATUS: &str = "grpc.health.v1.Health/Check";

/// A CA that signs certificates into a directory.
struct Ca {
    dir: PathBuf,
    name: &'static str,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    fn new(dir: &Path, name: &'static str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let ca = Self {
            dir: dir.to_owned(),
            name,
            issuer: Issuer::new(params, key),
        };
        std::fs::write(ca.path("ca.pem"), certificate.pem()).expect("written");
        ca
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.join(format!("{}-{file}", self.name))
    }

    /// Signs a certificate for `localhost` and 127.0.0.1, for servers and clients; answers its serial number.
    fn sign(&self, who: &str) -> String {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("names");
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        std::fs::write(self.path(&format!("{who}.pem")), certificate.pem()).expect("written");
        std::fs::write(self.path(&format!("{who}.key")), key.serialize_pem()).expect("written");
        certificate.pem()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn serve(data: &Path, ca: &Ca, args: &[&str]) -> Daemon {
    let (cert, key) = (ca.path("server.pem"), ca.path("server.key"));
    let tls = ["--tls-cert", text(&cert), "--tls-key", text(&key)];
    Daemon::start_with(data, &[&tls, args].concat())
}

/// Whether grpcurl gets an answer, and what it prints.
fn grpcurl(daemon: &Daemon, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new("grpcurl")
        .args(["-max-time", "10", "-connect-timeout", "5"])
        .args(args)
        .args([&daemon.addr, STATUS])
        .output()
        .expect("grpcurl runs");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

#[track_caller]
fn assert_serving(outcome: (Option<i32>, String)) {
    let (code, text) = outcome;
    assert!(
        code == Some(0) && text.contains("SERVING"),
        "{code:?}: {text}"
    );
}

#[track_caller]
fn assert_refused(outcome: (Option<i32>, String), part: &str) {
    let (code, text) = outcome;
    assert_ne!(code, Some(0), "{text}");
    assert!(text.contains(part), "{part} is not in {text}");
}

#[test]
fn a_daemon_with_certificates_speaks_tls_and_nothing_else_and_renews_them() {
    if !available("grpcurl", &["-version"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let ca = Ca::new(dir.path(), "ours");
    ca.sign("server");
    let ca_file = ca.path("ca.pem");
    let trusting = ["-cacert", text(&ca_file)];
    let daemon = serve(&dir.path().join("data"), &ca, &["--open-reflection"]);
    assert_serving(grpcurl(&daemon, &trusting));
    assert_refused(grpcurl(&daemon, &["-plaintext"]), "");
    assert_refused(grpcurl(&daemon, &[]), "certificate");
    let url = format!("https://{}", daemon.addr);
    let health = |args: &[&str]| {
        let output = frontierd()
            .args(["healthcheck", "--addr", &url])
            .args(args)
            .output();
        output.expect("it runs").status.code()
    };
    assert_eq!(health(&["--ca", text(&ca_file)]), Some(0));
    assert_eq!(health(&[]), Some(1), "the system does not trust this CA");

    // Renewed by another CA: whoever trusts only that one gets in once the files are read again.
    let renewed = Ca::new(dir.path(), "renewed");
    renewed.sign("server");
    for file in ["server.key", "server.pem"] {
        std::fs::rename(renewed.path(file), ca.path(file)).expect("replaced");
    }
    daemon.process.stderr.wait_for("files read again");
    let renewed_ca = renewed.path("ca.pem");
    assert_serving(grpcurl(&daemon, &["-cacert", text(&renewed_ca)]));
    assert_refused(grpcurl(&daemon, &trusting), "certificate");

    std::fs::write(ca.path("server.pem"), "nonsense").expect("written");
    daemon.process.stderr.wait_for("cannot be used");
    assert_serving(grpcurl(&daemon, &["-cacert", text(&renewed_ca)]));
    daemon.stop();
}

#[test]
fn a_client_needs_a_certificate_of_the_right_ca_where_one_is_asked_for() {
    if !available("grpcurl", &["-version"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let (ours, theirs) = (Ca::new(dir.path(), "ours"), Ca::new(dir.path(), "theirs"));
    ours.sign("server");
    ours.sign("client");
    theirs.sign("client");
    let ca_file = ours.path("ca.pem");
    let args = ["--tls-client-ca", text(&ca_file)];
    let daemon = serve(&dir.path().join("data"), &ours, &args);
    let with = |ca: &Ca| {
        let (cert, key) = (ca.path("client.pem"), ca.path("client.key"));
        grpcurl(
            &daemon,
            &[
                "-cacert",
                text(&ca_file),
                "-cert",
                text(&cert),
                "-key",
                text(&key),
            ],
        )
    };
    assert_serving(with(&ours));
    assert_refused(with(&theirs), "tls:");
    assert_refused(grpcurl(&daemon, &["-cacert", text(&ca_file)]), "tls:");
    daemon.process.stderr.wait_for("CLIENT_CERTIFICATE");
    let (cert, key) = (ours.path("client.pem"), ours.path("client.key"));
    let status = frontierd()
        .args(["healthcheck", "--addr", &format!("https://{}", daemon.addr)])
        .args([
            "--ca",
            text(&ca_file),
            "--cert",
            text(&cert),
            "--key",
            text(&key),
        ])
        .status();
    assert!(status.expect("it runs").success());
    daemon.stop();
}

#[test]
fn certificates_that_cannot_be_used_are_named_before_anything_is_served() {
    let dir = tempfile::tempdir().expect("a directory");
    let ca = Ca::new(dir.path(), "ours");
    ca.sign("server");
    ca.sign("other");
    let (cert, key) = (ca.path("server.pem"), ca.path("server.key"));
    let (other, missing) = (ca.path("other.key"), ca.path("missing.pem"));
    for (args, part) in [
        (vec!["--tls-cert", text(&cert)], "`tls_key`"),
        (vec!["--tls-client-ca", text(&cert)], "--tls-cert"),
        (
            vec!["--tls-cert", text(&cert), "--tls-key", text(&missing)],
            "missing.pem",
        ),
        (
            vec!["--tls-cert", text(&cert), "--tls-key", text(&other)],
            "do not go together",
        ),
        (
            vec!["--tls-cert", text(&key), "--tls-key", text(&key)],
            "`tls_cert`",
        ),
    ] {
        let output = frontierd()
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir.path().join("data"))
            .args(&args)
            .output()
            .expect("it runs");
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && problem.contains(part),
            "{args:?}: {problem}"
        );
    }
}
