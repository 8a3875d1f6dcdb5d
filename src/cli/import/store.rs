//! A store that no daemon serves: served here, to nobody but ourselves, for as long as the import takes.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::sync::oneshot;

use super::connect;
use crate::cli::Failure;
use crate::cli::serving::reachable;
use crate::client::Client;
use crate::config::Config;
use crate::server::{self, listen};

/// Does `work` with a client of the store in the data directory `dir`, which is created where there is none.
///
/// # Errors
/// [`Failure`] when the store cannot be opened, such as when a daemon holds it, or as `work` fails.
pub(super) async fn beside<T>(
    dir: &Path,
    work: impl AsyncFnOnce(Client) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let config = Config {
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        data_dir: dir.to_owned(),
        worker_threads: 1,
        ..Config::default()
    };
    let bound = listen::bind(&config.listen)
        .await
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let listeners = bound.into_iter().map(|(listener, _)| listener).collect();
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = oneshot::channel();
    // A dropped sender is the end too.
    let shutdown = async { drop(stopped.await) };
    let serving = server::run(config, listeners, shutdown, move |ready| {
        drop(tell.send(ready));
    });
    let working = async {
        // Dropped unsent when the store does not open; the server says why.
        let ready = told.await.ok()?;
        let done = async { work(connect(reachable(&ready)?).await?).await }.await;
        drop(stop);
        Some(done)
    };
    let (served, done) = tokio::join!(serving, working);
    match (served, done) {
        (_, Some(Err(failure))) => Err(failure),
        (Err(error), _) => Err(Failure::Failed(format!(
            "{error} (a daemon that serves `{}` holds it: leave `--store` out and import through it)",
            dir.display()
        ))),
        (Ok(()), Some(done)) => done,
        (Ok(()), None) => Err(Failure::Failed("the store was not served".to_owned())),
    }
}
