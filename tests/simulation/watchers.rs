//! Watchers that read when they like, lose their connection, and come back after what they hold.

use frontierd::api::convert::{self, WatchAsk};
use frontierd::proto::v1;
use tokio::runtime::Runtime;
use tonic::Status;
use tonic_types::StatusExt;

use crate::bugs::Bug;
use crate::client::Client;
use crate::daemon::Daemon;
use crate::drafts::BENCHMARKS;
use crate::oracle::Oracle;
use crate::random::Random;

pub(crate) struct Watchers {
    /// Its clock stands still while anything happens, and goes on when everybody waits.
    runtime: Runtime,
    clients: Vec<Client>,
    bug: Bug,
}

fn ask(random: &mut Random) -> WatchAsk {
    let mut message = v1::WatchLeaderboardRequest {
        boards: vec![random.pick(&BENCHMARKS).to_owned()],
        ..Default::default()
    };
    match random.below(4) {
        0 => message.boards = BENCHMARKS.map(str::to_owned).to_vec(),
        1 => {
            message.detail = v1::Detail::Full.into();
            message.top = Some(2);
        }
        2 => {
            message.row_filter = Some(v1::RowFilter {
                open_weights: Some(true),
                ..Default::default()
            });
        }
        _ => {}
    }
    convert::watch_leaderboard(message).expect("well formed")
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info();
    info.map_or_else(String::new, |info| info.reason.clone())
}

impl Watchers {
    pub(crate) fn new(bug: Bug) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        Self {
            runtime,
            clients: Vec::new(),
            bug,
        }
    }

    /// One begins, reads, or comes back. Answers what it saw.
    pub(crate) fn act(
        &mut self,
        daemon: &Daemon,
        oracle: &Oracle,
        most: usize,
        random: &mut Random,
    ) -> String {
        if self.clients.len() < most && oracle.head() >= BENCHMARKS.len() as u64 {
            let opened = Client::open(&daemon.watches, ask(random), oracle);
            let client = self.runtime.block_on(opened).expect("room");
            self.clients.push(client);
        }
        if self.clients.is_empty() {
            return "nobody watches".to_owned();
        }
        let mut client = self.clients.swap_remove(random.below(self.clients.len()));
        let frames = random.below(4);
        let read = self.runtime.block_on(client.glance(frames, oracle));
        if read.is_err() || random.percent(20) {
            client = self.reopened(client, daemon, oracle);
        }
        let seen = saw(&client);
        self.clients.push(client);
        seen
    }

    /// All come back after a restart.
    pub(crate) fn come_back(&mut self, daemon: &Daemon, oracle: &Oracle) -> String {
        let clients = std::mem::take(&mut self.clients);
        for client in clients {
            let client = self.reopened(client, daemon, oracle);
            self.clients.push(client);
        }
        self.clients.iter().map(saw).collect()
    }

    /// All read on to the head.
    pub(crate) fn catch_up(&mut self, daemon: &Daemon, oracle: &Oracle) -> String {
        let clients = std::mem::take(&mut self.clients);
        for mut client in clients {
            while self.runtime.block_on(client.catch_up(oracle)).is_err() {
                client = self.reopened(client, daemon, oracle);
            }
            self.clients.push(client);
        }
        self.clients.iter().map(saw).collect()
    }

    /// Goes on after what is held; starts over where that is too old.
    fn reopened(&self, client: Client, daemon: &Daemon, oracle: &Oracle) -> Client {
        let ask = client.ask.clone();
        let mut after = client.revision;
        if self.bug == Bug::SkipOnResume {
            after = after.map(|revision| (revision + 1).min(oracle.head()));
        }
        let again = client.reopen_after(&daemon.watches, after, false);
        let status = match self.runtime.block_on(again) {
            Ok(client) => return client,
            Err(status) => status,
        };
        assert_eq!(
            reason(&status),
            "REVISION_COMPACTED",
            "RESUMABLE: after {after:?} of {}: {status:?}",
            oracle.head()
        );
        let fresh = WatchAsk { after: None, ..ask };
        let opened = Client::open(&daemon.watches, fresh, oracle);
        self.runtime.block_on(opened).expect("room")
    }
}

fn saw(client: &Client) -> String {
    let frames = client.frames.join(" ");
    format!("a watcher holds {:?} after {frames}; ", client.revision)
}
