//! The table of tokens in use, read again when its file changes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use crate::access::{Caller, Denied, Table, TokenFile};
use crate::model::Timestamp;

/// The table in use. Clones share it.
#[derive(Clone, Debug)]
pub(in crate::server) struct Tokens {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    table: RwLock<Arc<Table>>,
    /// Counts the moments at which open streams must look again whether they may go on.
    look_again: watch::Sender<u64>,
}

impl Tokens {
    /// The tokens of a file.
    ///
    /// # Errors
    /// A text naming the file, the token and the field at fault.
    pub(in crate::server) fn load(path: &Path) -> Result<Self, String> {
        let table = read(path, &Table::default())?;
        Ok(Self {
            shared: Arc::new(Shared {
                path: path.to_owned(),
                table: RwLock::new(Arc::new(table)),
                look_again: watch::Sender::new(0),
            }),
        })
    }

    /// Reads the file again. Answers the number of tokens.
    ///
    /// # Errors
    /// As [`Tokens::load`]; then the tokens in use stay in use.
    pub(in crate::server) fn reload(&self) -> Result<usize, String> {
        let table = read(&self.shared.path, &self.current())?;
        let count = table.len();
        *self
            .shared
            .table
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
        self.look_again();
        Ok(count)
    }

    /// Where the tokens are read from.
    pub(in crate::server) fn path(&self) -> &Path {
        &self.shared.path
    }

    /// The table now.
    pub(in crate::server) fn current(&self) -> Arc<Table> {
        let table = self.shared.table.read();
        Arc::clone(&table.unwrap_or_else(PoisonError::into_inner))
    }

    /// Has open streams look again whether they may go on.
    pub(in crate::server) fn look_again(&self) {
        self.shared
            .look_again
            .send_modify(|looks| *looks = looks.wrapping_add(1));
    }

    pub(super) fn looks(&self) -> watch::Receiver<u64> {
        self.shared.look_again.subscribe()
    }

    pub(super) fn still(&self, caller: &Caller, now: Timestamp) -> Result<(), Denied> {
        self.current().still(caller, now)
    }
}

fn read(path: &Path, before: &Table) -> Result<Table, String> {
    let file = TokenFile::read(path).map_err(|error| error.to_string())?;
    Table::new(&file, before).map_err(|error| error.to_string())
}
