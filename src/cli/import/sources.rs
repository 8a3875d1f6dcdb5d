//! Where rows come from: files, directories, standard input. They are read by a thread of their own, which waits when
//! rows are not taken, so that memory does not grow with the input.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use crate::cli::Failure;
use crate::import::detect::{HEAD_BYTES, recognise, unrecognised};
use crate::import::{
    DOCUMENT_BYTES_MAX, Format, Options, Row, Sink, Unreadable, aider, csv, eee, helm, inspect,
    jsonl, lm_eval, prices,
};

/// Deepest directory read.
const DEPTH_MAX: usize = 64;
/// How a zip archive begins.
const ARCHIVE: &[u8] = b"PK";
/// Most files of one import.
const MAX_FILES: usize = 1_000_000;

/// What was found in the inputs.
pub(super) enum Event {
    /// A file is begun.
    File {
        name: Arc<str>,
        format: Format,
        /// True where the format was told by the content of a file that the user named.
        recognised: bool,
    },
    /// A row of the file begun last.
    Row(Row),
    /// The file of that name cannot be read, or no further. `found` = it was met in a directory.
    Unreadable {
        name: Arc<str>,
        found: bool,
        why: Unreadable,
    },
}

/// One thing to read.
enum Source {
    Stdin,
    /// A file; true where it was met in a directory.
    File(PathBuf, bool),
    /// The directory of a HELM run.
    HelmRun(PathBuf),
}

/// Everything to read, in order.
pub(super) struct Inputs {
    format: Option<Format>,
    sources: Vec<Source>,
    bytes: u64,
    /// Bytes read so far.
    pub(super) position: Arc<AtomicU64>,
}

impl Inputs {
    /// Finds the files of what was named.
    ///
    /// # Errors
    /// [`Failure::Usage`] for a name that is neither a file nor a directory.
    pub(super) fn find(format: Option<Format>, named: &[String]) -> Result<Self, Failure> {
        let mut inputs = Self {
            format,
            sources: Vec::new(),
            bytes: 0,
            position: Arc::default(),
        };
        for name in named {
            if name == "-" {
                inputs.sources.push(Source::Stdin);
                continue;
            }
            let path = Path::new(name);
            let wrong =
                |error: &dyn std::fmt::Display| Failure::Usage(format!("`{name}`: {error}"));
            let meta = fs::metadata(path).map_err(|error| wrong(&error))?;
            if meta.is_dir() {
                inputs.walk(path, 0).map_err(|error| wrong(&error))?;
            } else {
                inputs
                    .add(helm_file(path).unwrap_or_else(|| Source::File(path.to_owned(), false)))?;
            }
        }
        Ok(inputs)
    }

    /// Bytes to read in all; 0 where that cannot be known.
    pub(super) fn bytes(&self) -> u64 {
        if self
            .sources
            .iter()
            .any(|source| matches!(source, Source::Stdin))
        {
            0
        } else {
            self.bytes
        }
    }

    fn add(&mut self, source: Source) -> Result<(), Failure> {
        if self.sources.len() == MAX_FILES {
            return Err(Failure::Usage(format!(
                "more than {MAX_FILES} files: import them in parts"
            )));
        }
        let size = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.len());
        self.bytes += match &source {
            Source::Stdin => 0,
            Source::File(path, _) => size(path),
            Source::HelmRun(dir) => size(&dir.join(helm::STATS)) + size(&dir.join(helm::RUN_SPEC)),
        };
        self.sources.push(source);
        Ok(())
    }

    /// Files of a directory and those below it by name, links to directories not followed. A HELM run is one source.
    fn walk(&mut self, dir: &Path, depth: usize) -> io::Result<()> {
        let mut entries: Vec<fs::DirEntry> = fs::read_dir(dir)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let failed = |failure: Failure| match failure {
            Failure::Usage(message) => io::Error::other(message),
            _ => io::Error::other("too many files"),
        };
        if dir.join(helm::STATS).is_file() && dir.join(helm::RUN_SPEC).is_file() {
            return self.add(Source::HelmRun(dir.to_owned())).map_err(failed);
        }
        for entry in entries {
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < DEPTH_MAX {
                self.walk(&entry.path(), depth + 1)?;
            } else if entry.path().is_file() {
                self.add(Source::File(entry.path(), true)).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Reads everything, and sends what it finds. Ends early when nobody listens.
    pub(super) fn read(self, options: &Options, events: &mpsc::Sender<Event>) {
        let reading = Reading {
            format: self.format,
            options,
            events,
            position: &self.position,
        };
        for source in self.sources {
            let (name, found): (Arc<str>, bool) = match &source {
                Source::Stdin => ("standard input".into(), false),
                Source::File(path, found) => (path.display().to_string().into(), *found),
                Source::HelmRun(dir) => (dir.display().to_string().into(), false),
            };
            if let Err(why) = reading.source(source, &name)
                && events
                    .blocking_send(Event::Unreadable { name, found, why })
                    .is_err()
            {
                return;
            }
        }
    }
}

/// `stats.json` or `run_spec.json` of a HELM run stand for the run.
fn helm_file(path: &Path) -> Option<Source> {
    let name = path.file_name()?;
    let dir = path.parent()?;
    let run = (name == helm::STATS || name == helm::RUN_SPEC)
        && dir.join(helm::STATS).is_file()
        && dir.join(helm::RUN_SPEC).is_file();
    run.then(|| Source::HelmRun(dir.to_owned()))
}

struct Reading<'a> {
    format: Option<Format>,
    options: &'a Options,
    events: &'a mpsc::Sender<Event>,
    position: &'a AtomicU64,
}

fn not_read(error: &io::Error) -> Unreadable {
    Unreadable {
        reason: "NOT_READ",
        message: error.to_string(),
    }
}

impl Reading<'_> {
    fn source(&self, source: Source, name: &Arc<str>) -> Result<(), Unreadable> {
        match source {
            Source::Stdin => {
                let counted = Counted {
                    inner: io::stdin().lock(),
                    position: self.position,
                };
                let mut input = BufReader::with_capacity(HEAD_BYTES, counted);
                // One call of the system may give less than the head.
                let head = head(&mut input).map_err(|error| not_read(&error))?;
                let format = self.format_of(&head, name, false)?;
                let archive = format == Format::Inspect && head.starts_with(ARCHIVE);
                let whole = Cursor::new(head).chain(input);
                if archive {
                    let bytes = Cursor::new(document(whole)?);
                    return inspect::read_archive(bytes, self.options, &mut self.sink());
                }
                self.stream(format, whole)
            }
            Source::File(path, found) => {
                let file = File::open(&path).map_err(|error| not_read(&error))?;
                let mut input = BufReader::new(Counted {
                    inner: file,
                    position: self.position,
                });
                let head = head(&mut input).map_err(|error| not_read(&error))?;
                input.rewind().map_err(|error| not_read(&error))?;
                self.position
                    .fetch_sub(head.len() as u64, Ordering::Relaxed);
                match self.format_of(&head, name, found)? {
                    Format::Inspect if head.starts_with(ARCHIVE) => {
                        inspect::read_archive(input, self.options, &mut self.sink())
                    }
                    format => self.stream(format, input),
                }
            }
            Source::HelmRun(dir) => {
                let read = |name: &str| {
                    document(File::open(dir.join(name)).map_err(|error| not_read(&error))?)
                };
                let (spec, stats) = (read(helm::RUN_SPEC)?, read(helm::STATS)?);
                if self.format.is_some_and(|format| format != Format::Helm) {
                    return Err(Unreadable {
                        reason: "WRONG_FORMAT",
                        message: "a run of HELM".to_owned(),
                    });
                }
                self.begin(name, Format::Helm, false);
                helm::read(&spec, &stats, self.options, &mut self.sink())
            }
        }
    }

    fn format_of(&self, head: &[u8], name: &Arc<str>, found: bool) -> Result<Format, Unreadable> {
        let format = match self.format {
            // Of a directory only what is of the format; of a file that the user named, the user knows.
            Some(format) if !found || recognise(head) == Some(format) => format,
            Some(format) => {
                return Err(Unreadable {
                    reason: "NOT_RECOGNISED",
                    message: format!("not recognised as {format}"),
                });
            }
            None => recognise(head).ok_or_else(|| unrecognised(head))?,
        };
        self.begin(name, format, self.format.is_none() && !found);
        Ok(format)
    }

    fn begin(&self, name: &Arc<str>, format: Format, recognised: bool) {
        // A listener that is gone is noticed at the next row.
        let _ = self.events.blocking_send(Event::File {
            name: Arc::clone(name),
            format,
            recognised,
        });
    }

    fn sink(&self) -> impl FnMut(Row) -> bool {
        |row| self.events.blocking_send(Event::Row(row)).is_ok()
    }

    fn stream(&self, format: Format, input: impl BufRead) -> Result<(), Unreadable> {
        let sink: Sink<'_> = &mut self.sink();
        match format {
            Format::Csv => csv::read(input, self.options, sink),
            Format::Jsonl => jsonl::read(input, self.options, sink),
            Format::Inspect => inspect::read_json(input, self.options, sink),
            Format::Aider => aider::read(&document(input)?, self.options, sink),
            Format::LmEval => lm_eval::read(&document(input)?, self.options, sink),
            Format::Eee => eee::read(input, self.options, sink),
            Format::PricesLitellm => prices::litellm::read(&document(input)?, self.options, sink),
            Format::PricesGenai => prices::genai::read(&document(input)?, self.options, sink),
            Format::Helm => Err(Unreadable {
                reason: "HELM_RUN_INCOMPLETE",
                message:
                    "a run of HELM is a directory with `run_spec.json` and `stats.json`: name that"
                        .to_owned(),
            }),
        }
    }
}

/// All of a document that is not too large to hold.
fn document(input: impl Read) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let mut bounded = input.take(DOCUMENT_BYTES_MAX + 1);
    bounded
        .read_to_end(&mut bytes)
        .map_err(|error| not_read(&error))?;
    if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
        let message = format!("larger than {} MiB", DOCUMENT_BYTES_MAX >> 20);
        return Err(Unreadable {
            reason: "TOO_LARGE",
            message,
        });
    }
    Ok(bytes)
}

fn head(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    input.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Counts what is read, for the progress bar.
struct Counted<'a, R> {
    inner: R,
    position: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.position.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: Seek> Seek for Counted<'_, R> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
