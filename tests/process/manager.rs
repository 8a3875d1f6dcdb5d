//! Under a service manager: what it is told, and the unit file.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::daemon::{BINARY, Daemon, serve};
use crate::lines::PATIENCE;
use crate::tools::available;

/// What a daemon tells its manager.
struct Manager {
    socket: UnixDatagram,
    heard: Vec<String>,
}

impl Manager {
    fn listen(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self {
            socket,
            heard: Vec::new(),
        }
    }

    /// Waits for a message that has this line; the message.
    fn hear(&mut self, line: &str) -> String {
        let mut bytes = [0; 4096];
        loop {
            let Ok(length) = self.socket.recv(&mut bytes) else {
                panic!("`{line}` was never said: {:?}", self.heard);
            };
            let message = String::from_utf8_lossy(&bytes[..length]).into_owned();
            self.heard.push(message.clone());
            if message.lines().any(|said| said == line) {
                return message;
            }
        }
    }
}

#[test]
fn a_service_manager_is_told_how_it_goes() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("notify");
    let mut manager = Manager::listen(&path);
    let daemon = Daemon::of(
        serve(&dir.path().join("data"))
            .env("NOTIFY_SOCKET", &path)
            .env("WATCHDOG_USEC", "200000"),
    );
    let ready = manager.hear("READY=1");
    assert!(ready.contains("STATUS=serving, at revision 0"), "{ready}");
    for _ in 0..3 {
        manager.hear("WATCHDOG=1");
    }
    daemon.process.signal("HUP");
    let reloading = manager.hear("RELOADING=1");
    let since = reloading
        .lines()
        .find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
    assert!(since.is_some_and(|micros| micros.parse::<u64>().is_ok_and(|n| n > 0)));
    manager.hear("READY=1");
    daemon.stop();
    let stopping = manager.hear("STOPPING=1");
    assert!(stopping.contains("EXTEND_TIMEOUT_USEC="), "{stopping}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_abstract_socket_and_somebody_elses_watchdog_are_understood() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    let name = format!("frontierd-test-{}", std::process::id());
    let addr = SocketAddr::from_abstract_name(&name).expect("a name");
    let socket = UnixDatagram::bind_addr(&addr).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut manager = Manager {
        socket,
        heard: Vec::new(),
    };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::of(
        serve(dir.path())
            .env("NOTIFY_SOCKET", format!("@{name}"))
            .env("WATCHDOG_USEC", "1000")
            .env("WATCHDOG_PID", "1"),
    );
    manager.hear("READY=1");
    daemon.stop();
    manager.hear("STOPPING=1");
    let alive = manager
        .heard
        .iter()
        .any(|message| message.contains("WATCHDOG"));
    assert!(!alive, "{:?}", manager.heard);
}

/// The unit file with the program where it is here.
fn unit(into: &Path) -> PathBuf {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/frontierd.service");
    let text = std::fs::read_to_string(file).expect("the unit");
    assert!(text.contains("/usr/local/bin/frontierd "), "{text}");
    let unit = into.join("frontierd.service");
    let text = text.replace("/usr/local/bin/frontierd ", &format!("{BINARY} "));
    std::fs::write(&unit, text).expect("a file");
    unit
}

#[test]
fn the_unit_file_is_sound_and_exposes_little() {
    if !available("systemd-analyze", &["--version"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let unit = unit(dir.path());
    let run = |args: &[&str]| {
        let output = Command::new("systemd-analyze")
            .args(args)
            .arg(&unit)
            .output();
        let output = output.expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    let (sound, said) = run(&["verify", "--man=no"]);
    let about_us = said.lines().filter(|line| line.contains("frontierd"));
    assert!(sound && about_us.count() == 0, "{said}");
    // 0 is no exposure, 10 all there is.
    let (safe, said) = run(&["security", "--offline=true", "--threshold=20", "--no-pager"]);
    assert!(safe, "{said}");
}
