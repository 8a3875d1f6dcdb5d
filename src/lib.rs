//! frontierd keeps a leaderboard of AI-model benchmark results **and what they cost**: one binary, an embedded store,
//! one gRPC port.
//!
//! Every submitted result is made durable; then ranks, score per dollar, the Pareto frontier and *trend conformance*
//! (is this cost, for this capability, at this date, on the historical cost-decline curve?) follow from it, the
//! submitter is answered with all of that, and every watcher is told. This page is the map of the code; `README.md` is
//! the way in for users, `proto/frontier/v1` the reference of the API.
//!
//! # How data flows
//!
//! ```text
//! api (gRPC) -> intake (is it well formed?) -> commit { log -> board -> hub } -> api (answers, streams)
//! ```
//!
//! 1. [`api`] converts a message to values of [`model`], each checked by [`intake`]: a *draft*, or a refusal that names
//!    field and value. No state was looked at.
//! 2. [`commit`] owns the one writer thread. It takes everything that waits, *judges* each draft against the board and
//!    the drafts before it ([`board::judge`]), and hands the accepted ones to the thread that owns the [`log`], which
//!    appends them as one commit with one fsync.
//! 3. Then, and only then, the writer applies them to the [`board`], publishes what each changed to the [`hub`], and
//!    answers.
//! 4. Reading handlers ask the board, or a board of the past computed from the log, and convert the answer. Watches
//!    follow the hub.
//!
//! Disk and board work at the same time: once a commit is durable, the writer judges what has gathered meanwhile and
//! sends it on its way as the next commit, and applies the durable one while the disk works. So drafts are judged on the
//! board overlaid with a commit that is durable and not yet applied; one commit at most is in flight.
//!
//! A board is a pure function of the log. A daemon that starts folds the log into the same board, bit for bit; so would
//! several daemons over one replicated log, for which the log is a trait.
//!
//! # The modules, in reading order
//!
//! | module | what it holds |
//! |---|---|
//! | [`limits`] | every bound with its reason; relations between bounds are asserted at compile time |
//! | [`measure`], [`call`] | counters and histograms that cost a few instructions; what a handler notes for the log line of its call |
//! | [`model`] | validated value types: ids, dates, costs, results, claims, drafts, entries, refusals |
//! | [`intake`] | checks that need no state |
//! | [`log`] | the ordered durable log: trait, record codec, chunks with a hash chain, sled and memory backends, checkpoint files, `verify`, the walk in the background, recovery |
//! | [`board`] | the deterministic state machine: judge, apply, rank, frontier, trend, listings, changes and events |
//! | [`commit`] | the writer and the log's thread, group commit, replay, boards of the past, previews, checkpoints |
//! | [`hub`] | bounded fan-out: one ring of published revisions, a cursor per listener |
//! | [`access`] | who may do what: tokens, roles, scopes, rates |
//! | [`api`] | gRPC handlers; [`api::convert`] is the only code between messages and values, [`api::status`] the one map from refusals to codes |
//! | `dashboard` | the built-in page: files of `web/dist` with their headers (feature `dashboard`) |
//! | [`metrics`] | what Prometheus reads: counts of calls, and what writer, store, boards and watches tell when asked |
//! | [`server`] | transport, health, reflection, who may connect, logging, drain |
//! | [`clock`] | the only place that asks what time it is |
//! | [`config`] | flags, environment and TOML file to one checked `Config` |
//! | [`client`] | typed errors, and a watch that resumes and folds |
//! | `import` (a feature) | one reader per file format of evaluation tools, and the columns of our own csv and jsonl |
//! | `export` (of the same feature) | results with what the log says about them, as csv, jsonl and Every Eval Ever records |
//! | [`demo`], [`catalog_defaults`] | built-in data, loaded through the API like anybody's |
//! | [`cli`] | one file a subcommand; `top` (a feature) draws a board live in a terminal |
//! | [`proto`] | generated code, and messages as canonical JSON |
//!
//! # What holds, and what is absent
//!
//! - **Nothing is visible before it is durable.** The board, the ring and every answer show only what is fsynced. A
//!   refusal waits too, when it was judged on something not yet durable. After a failed write, or a panic of either
//!   thread, the writer takes no more, callers in flight hear `OUTCOME_UNKNOWN` unless their answer did not depend on
//!   the write, and the process exits without running sled's destructor, which would write again.
//! - **The board has no clock, no IO, no randomness, no async, no unordered iteration.** Time and revisions are
//!   assigned once, by the writer, before the log. A price that is due to change does so by an entry (`PRICE_IN_FORCE`),
//!   not by a board noticing the date.
//! - **The log is never edited and never compacted.** Results are disputed or retracted by further entries. There is no
//!   delete.
//! - **Refused drafts never enter the log**, so a log needs no judging when it is replayed.
//! - **Derived facts are never stored.** A row is what a model's own result, prices and claims say, derived from them
//!   each time it is read; rank, interval of rank, value, frontier, overpay and verdict are read from ordered trees when
//!   somebody asks. Therefore a submission that shifts 100,000 ranks changes one row. Whoever needs a row as it was
//!   before an entry derives it before the entry is applied.
//! - **Wire types stop at [`api::convert`], disk types at the codec in `log/entry`.** Both destructure fully: a new
//!   field does not compile until somebody decides what it means. The two schemas share no message. Exceptions by their
//!   nature: [`client`], [`cli`] and the built-in data, which are outside the daemon and speak messages only.
//! - **`commit` alone sees log, board and hub together.** The hub is generic over its item; the log does not know what an
//!   entry means; the board does not know that there is a log.
//! - **Nothing assumes to be the only writer.** An append names the head it expects, and may be answered with a
//!   conflict: then the writer follows what others appended and judges again.
//! - **Every queue, message, id, page, ring and count has a bound** in [`limits`] and a refusal past it. Nothing panics
//!   on input.
//!
//! # Two things that look odd
//!
//! - `main` names a crate that it does not use: mimalloc, which takes malloc's place when it is linked (feature `mimalloc`).
//!   As Rust's global allocator it would be hidden from the compiler, which then no longer turns `malloc` and `memset` into
//!   `calloc`, and sled's counters alone would write 20 MB of zeroes. The library and its tests have the system's allocator.
//!   It costs an idle daemon 2 MB and takes a seventh off a submission; a build without the feature is the smaller one.
//! - Of a model with results of one evaluator, harness and source nothing is indexed but the result that counts: no result
//!   differs from it, and nightly jobs submit thousands of those. The index is made when a second origin comes.
//!
//! # Who may import whom
//!
//! No module imports one below it. `tests/tidy.rs` reads this table and holds the code to it.
//!
//! | module | may import |
//! |---|---|
//! | `limits` | |
//! | `build` | |
//! | `measure` | |
//! | `call` | `limits` |
//! | `model` | `limits` |
//! | `clock` | `model` |
//! | `proto` | |
//! | `access` | `clock`, `model`, `limits` |
//! | `intake` | `model`, `limits` |
//! | `log` | `proto`, `clock`, `measure`, `model`, `limits` |
//! | `board` | `model`, `limits` |
//! | `hub` | `model`, `limits` |
//! | `commit` | `log`, `board`, `hub`, `clock`, `measure`, `model`, `limits` |
//! | `api` | `access`, `intake`, `commit`, `hub`, `board`, `clock`, `build`, `call`, `measure`, `proto`, `model`, `limits` |
//! | `metrics` | `api`, `commit`, `hub`, `log`, `board`, `clock`, `build`, `measure`, `proto`, `model`, `limits` |
//! | `config` | `limits` |
//! | `dashboard` | |
//! | `server` | `api`, `access`, `commit`, `config`, `metrics`, `dashboard`, `log`, `clock`, `build`, `call`, `measure`, `proto`, `model`, `limits` |
//! | `client` | `proto`, `limits` |
//! | `import` | `proto`, `model`, `limits` |
//! | `export` | `api`, `import`, `proto`, `model`, `limits` |
//! | `catalog_defaults` | `client`, `proto`, `model`, `limits` |
//! | `demo` | `catalog_defaults`, `client`, `proto`, `model`, `limits` |
//! | `cli` | `server`, `config`, `access`, `log`, `client`, `import`, `export`, `clock`, `demo`, `catalog_defaults`, `proto`, `model`, `limits` |
//! | `main` | `cli` |
//!
//! Of `proto`, the log takes the private disk record and nothing else. `server` imports `log` because somebody must
//! choose the backend; `cli` imports it for `verify`, `export` and `import store`, which work on stores that no daemon
//! serves. `export` imports [`api::convert`], so that a result in a file is the result in an answer. The generated server
//! traits name [`api::frame`], so that the bytes of a watch frame are encoded once and shared, and that the answers asked
//! for most are written field by field (`api/convert/encode`) instead of being copied into a message first.
//!
//! # The log
//!
//! Entries are numbered 1, 2, 3, … without gaps; that number, the *revision*, is the only word for order, and the id of
//! a result. Entries that became durable together stand in chunks of at most 7 KiB; each chunk carries the BLAKE3 hash of
//! the one before it. `frontierd verify` walks that chain and names the chunk where it breaks;
//! `--expect REVISION:HASH` also notices a rewritten past. The framing is documented in `log/chunk.rs`, what sled does
//! not promise and how that is made good in `log/sled.rs`.
//!
//! **Damage** is found by whoever comes first: a start, as far as it reads; a slow walk of the chain in the background
//! (`commit/scrub.rs`), which reads all of it once a day and writes nothing; `verify`. A bit that flips where sled takes
//! it for the end of its log leaves a shorter log that is sound: the newest checkpoint knows better, and the start is
//! refused. `frontierd recover` (`log/recover.rs`) does not need sled: it looks for chunks in sled's file byte by byte,
//! follows the chain of hashes from the beginning, and writes the longest such chain into a new store.
//!
//! A **store file** is a log from front to back in one file (`log/backup.rs`): a head, the chunks unchanged, a checksum. It is
//! made from a log that is being served or from a stopped one. It holds no store id: an import draws a new one, and equal
//! histories make equal files. An import fills `log.importing` beside the log's directory and renames it; while that is
//! there, no store is opened or created.
//!
//! A **checkpoint** is a file beside the log with the board's state at a revision: store id, hash of the chunk there,
//! [`board::BOARD_VERSION`], BLAKE3 over all. It is a cache of what replay would compute; whatever does not match, it is
//! discarded and the log is replayed, unless it shows that the log itself lost something. Only what the log says is in
//! it ([`board::Stored`]): catalog, facts, answered request ids; indexes and trees are built again. It is hashed before any
//! of it is decoded, and is never written from memory as bytes. While commits go on it is written with rests, a quarter of
//! the time and a little at once: they share a disk and perhaps a core with it.
//!
//! Files of the **ring** stand beside the checkpoints, in the same form: each holds what was published to watches over a
//! stretch of revisions, and goes on where the one before it ends. One is written after each mebibyte of log, with each
//! checkpoint, and at an orderly end (`commit/ring.rs`).
//!
//! # How a daemon starts
//!
//! It loads the newest checkpoint that the ring reaches (`commit/replay.rs`) and applies what follows to facts alone.
//! Where the files of the ring end, all rows are derived at once and all trees built from sorted arrays, on two threads
//! ([`board::Board::derive`]), while a third reads the ring; the rest, a mebibyte of log at most, is applied as live
//! entries are. Without those files, what watchers may ask for is computed from the log: the newest revisions, one after
//! the other, on a board of then.
//!
//! # What a board takes in memory
//!
//! A million results must fit in memory many times over. A board holds numbers, interned names and revisions; the texts
//! and links of a result are read from the log by its revision. One result of one model takes about 150 bytes and its
//! share of the trees: 56 for the fact (`board/fact.rs`; what few results have stands in a box), 40 for the model and
//! 48 for its id (`board/catalog/record.rs`), 8 to find the result by its revision. `board/paged.rs` holds what is
//! numbered and `board/sorted.rs` what is found by a key: both in blocks of exactly their size, which clones share, so
//! that a checkpoint is taken at one moment and written while the board goes on.
//!
//! # Determinism
//!
//! Equal logs give equal boards, on any platform: logarithms and powers come from `libm`, sums of a fit are exact
//! integers of fixed point (so the order of additions and a removed point leave no trace), collections are ordered, ids
//! are numbered by first appearance in the log. [`board::Board::to_bytes`] is canonical: equal boards have equal bytes.
//!
//! # Watches
//!
//! The writer publishes one item for each revision: which rows changed, what they offered before and all they say after,
//! and what that is called (named events). A ring keeps the newest of them, packed to a few hundred bytes each, every watcher has a cursor of its own, and a slow one holds nothing back: it
//! reads a longer stretch of the ring next time, or hears that the ring has moved on. A view that depends on nothing but
//! single rows (`INTRINSIC`, no window) is a filter over those items, one delta a revision unless folded. A view that
//! other rows can change (`FULL`, a window, computed boards) is level-triggered: the difference between the window shown
//! last and the window now, so that one delta may fold the revisions of a whole commit; its `from_revision` says where
//! it begins. In both cases folding the frames gives what `GetLeaderboard` answers at the frame's revision. After a
//! restart the ring is what it was, from its files or from the log, so a client resumes after the revision it holds.
//!
//! # Where this differs from the first design, and why
//!
//! - **`candidates` and the verdict against the median are answered on boards of at most
//!   [`limits::MEDIAN_STANDINGS_MAX`] standings.** The exact median among rows that are both good enough and early
//!   enough has no index of logarithmic cost here; on larger boards the fields are absent rather than approximate.
//! - **The best earlier offer is found by branch and bound** over a tree in order of date whose nodes know the best
//!   score and the least trend-adjusted cost below them. That is O(log n) where boards look like boards, and O(n) on
//!   data made to defeat it.
//! - **Order statistics come from one structure**, a counted B+ tree with summaries (`board/tree.rs`), for rank,
//!   interval of rank, value rank, frontier, cost to match and the offers of the trend.
//! - **A benchmark has `questions`**, the default sample count of a proportion, because published scores rarely say
//!   their n and an interval should not hang on repeating it in every submission.
//! - **A benchmark can be `exclude_from_overall`**: a price history or a duplicate of another version would count twice
//!   in a mean win rate.
//! - **Mean win rates are rounded to 2^-40**: means of equal worth over different benchmarks differ in the last bit, and
//!   would rank apart.
//! - **`CHEAPER_ALTERNATIVE` fires when the row of the *other* model changes**: when something cheaper appears, not again
//!   whenever the watched model itself moves.
//! - **All who are overtaken are counted, the first [`limits::EVENTS_PER_REVISION_MAX`] are named**: a newcomer at the top
//!   of a large board passes everybody, and a submission must not cost more for it. Watched models are always named;
//!   beyond the first few without their ranks. The ring knows those overtaken by key, so that a row filter of a watch
//!   sees them as they are when the frame is made.
//! - **A model's results on a benchmark are indexed once it has more than a few** (`board/results.rs`): a nightly job
//!   submits thousands of them, and each must cost what the first did.
//! - **`validate_only` clones the board and applies the draft to the clone**, so that no second set of rules can differ
//!   from what then happens. Clones share facts and catalog, page by page, until one of them changes; the trees of the
//!   benchmark are copied, so [`limits::MAX_PROJECTIONS`] of them run at once and further ones wait their turn.
//! - **Boards of the past are replays** up to the revision asked for, of one benchmark where that is enough; a few
//!   newest are kept. Filters of results on the live revision rebuild from the live facts instead.
//! - **A delta names `from_revision`**, the revision the client must hold, and not the first revision in it: a client
//!   compares one number, and a fold of several revisions needs no second rule.
//! - **An expired page token is `OUT_OF_RANGE` (`PAGE_TOKEN_EXPIRED`)**, like every other position that is no longer
//!   there; a token of another query is `INVALID_ARGUMENT`.
//! - **The ring is kept in files, and a start does not compute it**: to fill it from a checkpoint 65,536 revisions behind
//!   the head took five of the six seconds of a start at a million results. Two checkpoints are kept, the newest and a
//!   spare one; none has to lie behind the ring.
//! - **A checkpoint is due after 1 MiB of log instead of 4**, or half its size: small stores start sooner, and the bytes
//!   written stay within the same multiple of the log.
//! - **Log filters are levels and modules** (`info,frontierd::commit=debug`); filters by fields of spans would need a
//!   library of regular expressions, an eighth of a small binary.
//! - **tonic's own server is not used, its services are**: it bounds neither connections nor what is buffered for a reader
//!   that does not read, and cannot change certificates. `server/transport.rs` serves each connection with hyper instead.
//! - **Certificates are refused in the handshake**, before any code of a call could be answered: the client sees a TLS alert,
//!   the operator a line of target `audit`.
//! - **AdminService needs the role admin, GetStatus too**; metrics and health are what monitoring reads without it.
//! - **A request id is remembered with the entry it made.** What changes nothing takes no revision, so its id is not kept
//!   either: sent again after somebody else's change, it is judged anew.
//! - **`commit` does not import `intake`**: the entries that the daemon makes itself (prices in force) are drafts already.

pub mod limits;

pub mod build;

pub mod measure;

pub mod call;

pub mod model;

pub mod intake;

pub mod log;

pub mod board;

pub mod commit;

pub mod hub;

pub mod access;

pub mod api;

#[cfg(feature = "dashboard")]
pub mod dashboard;

pub mod metrics;

pub mod server;

pub mod clock;

pub mod config;

pub mod client;

#[cfg(feature = "import")]
pub mod import;

#[cfg(feature = "import")]
pub mod export;

#[cfg(feature = "cli")]
pub mod demo;

#[cfg(feature = "cli")]
pub mod catalog_defaults;

pub mod cli;

pub mod proto;
