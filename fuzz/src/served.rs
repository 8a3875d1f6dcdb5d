//! A daemon that serves inside the fuzzer, with the demo's data set, on a store in memory where the system has one.

pub mod messages;
pub mod raw;

use std::path::Path;
use std::sync::OnceLock;

use frontierd::client::Client;
use frontierd::config::Config;
use frontierd::server::{self, Inside, Ready};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// A daemon and the runtime it lives in: it makes progress while something is waited for.
pub struct Served {
    pub runtime: Runtime,
    pub inside: Inside,
    _data: tempfile::TempDir,
}

/// The daemon, started at the first call.
pub fn served() -> &'static Served {
    static SERVED: OnceLock<Served> = OnceLock::new();
    SERVED.get_or_init(start)
}

fn start() -> Served {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let memory = Path::new("/dev/shm");
    let data = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    }
    .expect("a directory");
    let config = Config {
        data_dir: data.path().join("data"),
        worker_threads: 1,
        ..Config::default()
    };
    let inside = runtime.block_on(async {
        let (tell, told) = oneshot::channel::<Ready>();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listeners = vec![listener.expect("a free port")];
        let ready = move |ready| drop(tell.send(ready));
        tokio::spawn(server::run(config, listeners, std::future::pending(), ready));
        let inside = told.await.expect("it serves").inside;
        let mut client = Client::over(inside.channel().await.expect("connected"));
        let steps = frontierd::demo::steps().expect("the data set");
        frontierd::demo::load(&mut client, steps).await.expect("accepted");
        inside
    });
    Served {
        runtime,
        inside,
        _data: data,
    }
}
