//! The terminal: taken, read, drawn on, and given back however it ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEvent, KeyEventKind};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::app::App;
use super::screen::{self, Paint};
use crate::cli::signals::Signals;

/// How long the reader of keys looks before it sees whether it is still wanted.
const LOOK: Duration = Duration::from_millis(200);
/// Keys that wait: more than anybody types, less than a pasted book.
const KEYS: usize = 256;

/// What happened at the terminal.
pub(super) enum Said {
    Key(KeyEvent),
    Resized,
    /// A second has passed.
    Tick,
    /// A signal, or the terminal is gone.
    End,
}

/// A terminal that is ours until it is dropped.
pub(super) struct Screen {
    terminal: DefaultTerminal,
    paint: Paint,
    events: mpsc::Receiver<Event>,
    ended: mpsc::Receiver<()>,
    ticks: Interval,
    wanted: Arc<AtomicBool>,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn open() -> io::Result<Self> {
        let (end, ended) = mpsc::channel(1);
        let signals = Signals::catch(None)?;
        tokio::spawn(async move {
            signals.first().await;
            // Who follows the board may have left already.
            let _ = end.send(()).await;
        });
        // Restores the terminal when something panics, too.
        let terminal = ratatui::try_init()?;
        let wanted = Arc::new(AtomicBool::new(true));
        let (keys, events) = mpsc::channel(KEYS);
        let reading = Arc::clone(&wanted);
        std::thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || read(&reading, &keys))?;
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Ok(Self {
            terminal,
            paint: Paint::of_stdout(),
            events,
            ended,
            ticks,
            wanted,
        })
    }

    /// Shows the state.
    pub(super) fn draw(&mut self, app: &App) -> io::Result<()> {
        let paint = self.paint;
        self.terminal
            .draw(|frame| {
                let area = frame.area();
                screen::draw(app, paint, area, frame.buffer_mut());
            })
            .map(drop)
    }

    /// Waits for something to happen.
    pub(super) async fn said(&mut self) -> Said {
        loop {
            return tokio::select! {
                event = self.events.recv() => match event {
                    Some(Event::Key(key)) if key.kind != KeyEventKind::Release => Said::Key(key),
                    Some(Event::Resize(..)) => Said::Resized,
                    Some(_) => continue,
                    None => Said::End,
                },
                _ = self.ended.recv() => Said::End,
                _ = self.ticks.tick() => Said::Tick,
            };
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.wanted.store(false, Ordering::Relaxed);
        ratatui::restore();
    }
}

fn read(wanted: &AtomicBool, events: &mpsc::Sender<Event>) {
    while wanted.load(Ordering::Relaxed) {
        let said = match event::poll(LOOK) {
            Ok(false) => continue,
            Ok(true) => event::read(),
            Err(error) => Err(error),
        };
        // A terminal that cannot be read is gone.
        let Ok(event) = said else { return };
        if events.blocking_send(event).is_err() {
            return;
        }
    }
}
