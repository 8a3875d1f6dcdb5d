//! Every bound of the daemon, with its reason. Relations between bounds are asserted at compile time.

/// Longest benchmark or model id in bytes: fits a terminal column and a log line.
pub const ID_BYTES_MAX: usize = 128;
/// Longest provider name in bytes.
pub const PROVIDER_BYTES_MAX: usize = 64;
/// Longest human title in bytes.
pub const TITLE_BYTES_MAX: usize = 200;
/// Longest organization, licence, evaluator or claimant in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest unit in bytes.
pub const UNIT_BYTES_MAX: usize = 32;
/// Longest description, note or reason in bytes.
pub const NOTE_BYTES_MAX: usize = 1_000;
/// Longest URL in bytes.
pub const URL_BYTES_MAX: usize = 500;
/// Longest tag or label key in bytes.
pub const TAG_BYTES_MAX: usize = 64;
/// Longest label value in bytes.
pub const LABEL_BYTES_MAX: usize = 128;
/// Longest harness name or version in bytes.
pub const HARNESS_BYTES_MAX: usize = 64;
/// Longest request id in bytes: a UUID with a prefix fits.
pub const REQUEST_ID_BYTES_MAX: usize = 64;
/// Most tags of a model or benchmark.
pub const MAX_TAGS: usize = 16;
/// Most aliases of a model.
pub const MAX_ALIASES: usize = 8;
/// Most labels of a result.
pub const MAX_LABELS: usize = 8;
/// Most benchmarks of a store: each costs indexes even when empty.
pub const MAX_BENCHMARKS: usize = 10_000;
/// Most prices of one model: daily changes over ten years at one provider.
pub const MAX_PRICES_PER_MODEL: usize = 4_096;
/// Most claims about one model.
pub const MAX_CLAIMS_PER_MODEL: usize = 1_024;

/// Largest entry of the log in bytes.
pub const ENTRY_BYTES_MAX: usize = 4 * 1024;
/// Largest chunk of the log in bytes. sled writes pages above 131,020 bytes as blob files without fsync, and splits
/// a leaf only above 16 items: 17 chunks and their keys must stay below that.
pub const CHUNK_BYTES_MAX: usize = 7 * 1024;
/// Page size above which sled 0.34 leaves the log file.
pub const SLED_BLOB_BYTES: usize = 131_020;

/// Days that an observed date may lie ahead: time zones, not forecasts.
pub const OBSERVED_DAYS_AHEAD_MAX: i32 = 1;
/// Days that a price may lie ahead.
pub const PRICE_DAYS_AHEAD_MAX: i32 = 366;
/// Earliest date accepted.
pub const YEAR_MIN: i16 = 1950;

/// Largest score, cost or count magnitude: keeps sums of squares far from overflow.
pub const MAGNITUDE_MAX: f64 = 1e15;
/// Least cost in USD: dividing by it, after dividing it by the most tasks, stays far from overflow.
pub const COST_USD_MIN: f64 = 1e-15;
/// Largest factor a declared curve may fall by in a year, and largest tolerance; a century of it is still finite.
pub const ANNUAL_FACTOR_MAX: f64 = 1_000.0;
/// Largest gap in capability of a trend comparison.
pub const GAP_MAX: f64 = 1e6;
/// Longest elapsed time of a trend comparison in years.
pub const ELAPSED_YEARS_MAX: f64 = 100.0;

/// Most submissions waiting for the writer; a caller past it waits at the door, and gRPC flow control stops its stream.
pub const MAX_QUEUED_SUBMISSIONS: usize = 4_096;
/// Most entries of one commit: bounds the latency of whoever comes just after.
pub const MAX_COMMIT_ENTRIES: usize = 1_024;
/// Items of one SubmitResults stream that may be in flight.
pub const MAX_STREAM_IN_FLIGHT: usize = 1_024;
/// Largest request message in bytes: the largest entry, encoded wastefully.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Largest page of any listing.
pub const PAGE_SIZE_MAX: usize = 1_000;
/// Page size when none is asked for.
pub const PAGE_SIZE_DEFAULT: usize = 100;
/// Life of a page token, seconds.
pub const PAGE_TOKEN_SECONDS: i64 = 3_600;
/// Computations of a past or filtered board at once: each takes a core for a while.
pub const MAX_PROJECTIONS: usize = 2;
/// Pinned listings kept for later pages.
pub const MAX_PINNED_LISTINGS: usize = 64;
/// Rows of one pinned listing.
pub const MAX_PINNED_ROWS: usize = 1_000_000;

/// Models named in `displaced`, `dominated_by`, `other_results` and `uncosted_references`.
pub const NAMED_MAX: usize = 10;
/// Events listed for a board and revision.
pub const EVENTS_PER_REVISION_MAX: usize = 64;
/// Standings above which `candidates` and the median reference are left to GetTrend: both are linear in the board.
pub const MEDIAN_STANDINGS_MAX: usize = 4_096;
/// Points of a trend answered for drawing.
pub const TREND_POINTS_MAX: usize = 10_000;
/// Look-alike ids suggested for an unknown one.
pub const LOOKALIKES_MAX: usize = 3;

/// Revisions that a watch can go back without a snapshot.
pub const RING_REVISIONS_MAX: usize = 65_536;
/// Bytes the ring may hold by default.
pub const RING_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Distinct views that share encoded frames.
pub const MAX_WATCH_VIEWS: usize = 64;
/// Watches open at once.
pub const MAX_WATCHERS: usize = 4_096;
/// Boards of one watch.
pub const MAX_WATCH_BOARDS: usize = 64;
/// Models of one watch.
pub const MAX_WATCH_MODELS: usize = 256;
/// Rows of a window.
pub const WATCH_TOP_MAX: usize = 500;
/// Rows of one snapshot chunk: about 64 KiB.
pub const SNAPSHOT_CHUNK_ROWS: usize = 128;
/// Revisions folded into one delta at most, so that one frame stays bounded for a watcher far behind.
pub const FOLD_REVISIONS_MAX: usize = 4_096;
/// Parts of an export waiting for a slow reader. Watchers have no queue: what they miss stays in the shared ring.
pub const WATCH_QUEUE_FRAMES: usize = 4;
/// Snapshots of one view that slow readers may keep alive before newcomers are handed an older one.
pub const VIEW_SNAPSHOTS_MAX: usize = 4;
/// Bytes after which a folded delta is sent and the next one begun: clients refuse messages above 4 MiB by default.
pub const DELTA_BYTES_SOFT: usize = 1024 * 1024;
/// Events of one board in a delta between two windows, which cannot be sent in parts.
pub const WINDOW_EVENTS_MAX: usize = 4_096;
/// Rows of one board in a view without `top` that depends on other rows: they are compared at every change.
pub const WATCH_ROWS_MAX: usize = 10_000;
/// Rows read under one lock of the board while a snapshot is made: a few milliseconds of the writer's time.
pub const SNAPSHOT_LOCK_ROWS: usize = 4_096;
/// Snapshots made at once: each takes a core for a while.
pub const MAX_SNAPSHOTTING: usize = 2;
/// Standings up to which a window is computed in place: less work than handing it to another thread.
pub const WINDOW_INLINE_ROWS: usize = 256;
/// Rows up to which a listing is read in place: less work than handing it to another thread, and a millisecond or two
/// in which a worker does nothing else.
pub const LISTING_INLINE_ROWS: usize = 128;
/// Encoded deltas a view keeps for its other watchers.
pub const VIEW_CACHE_FRAMES_MAX: usize = 1_024;
/// Bytes of encoded deltas a view keeps: with all views, as much as the ring.
pub const VIEW_CACHE_BYTES_MAX: usize = 1024 * 1024;
/// Seconds without a frame after which a watcher is told that all is well: below what proxies cut, often a minute.
pub const WATCH_HEARTBEAT_SECONDS: u64 = 10;
/// Seconds after which a watcher is told of revisions in which nothing concerned it, so that it resumes near the head.
pub const WATCH_PROGRESS_SECONDS: u64 = 1;

/// Tokens of a file: each costs a few hundred bytes of memory.
pub const MAX_TOKENS: usize = 10_000;
/// Largest file of tokens in bytes: `MAX_TOKENS` of them with names and scopes.
pub const TOKEN_FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Patterns of one kind in a token's scope: each is tried at every submission.
pub const MAX_SCOPE_PATTERNS: usize = 64;
/// Highest rate of calls that a token may be held to: past it the daemon itself is the limit.
pub const RATE_PER_SECOND_MAX: f64 = 1e6;
/// Seconds between looks at the files of tokens and certificates: how long a revoked token is still taken at most.
pub const RELOAD_CHECK_SECONDS: u64 = 2;

/// Lines about refused credentials a second in the long run; the rest is counted in the next line.
pub const AUDIT_LINES_PER_SECOND: f64 = 5.0;
/// Lines about refused credentials at once.
pub const AUDIT_LINES_BURST: u32 = 50;

/// Boards whose size metrics tell by themselves; the others are told as one.
pub const MAX_METRIC_BOARDS: usize = 100;
/// Connections for metrics at once.
pub const MAX_SCRAPERS: usize = 16;
/// Milliseconds after which a call that answers once is slow, by default.
pub const SLOW_CALL_MILLIS: u64 = 1_000;

/// Connections open at once: each takes some 10 KiB, and a file descriptor.
pub const MAX_CONNECTIONS: usize = 16_384;
/// Connections of one address (IPv6: one /64), loopback and proxies apart: more than any client opens, few enough that
/// it takes many addresses to use up all.
pub const MAX_CONNECTIONS_PER_PEER: usize = 1_024;
/// Connections kept for this machine when all others are in use: for whoever has to look.
pub const RESERVED_CONNECTIONS: usize = 64;
/// Seconds until a peer must have sent something.
pub const FIRST_BYTES_SECONDS: u64 = 10;
/// Seconds that a TLS handshake may take: several round trips around the world, and a slow machine.
pub const HANDSHAKE_SECONDS: u64 = 10;
/// Seconds that the head of an HTTP/1.1 request may take, and that such a connection may wait for the next.
pub const HEADERS_SECONDS: u64 = 30;
/// Headers of one HTTP/1.1 request: browsers send about twenty.
pub const MAX_HEADERS: usize = 64;
/// Largest list of headers in bytes: a token, and what browsers and proxies add.
pub const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// Seconds after which a connection without a call is ended, at the latest after twice that: clients connect again by
/// themselves.
pub const IDLE_SECONDS_MAX: u64 = 300;
/// Seconds that a peer has to let an idle connection end.
pub const LAST_ANSWERS_SECONDS: u64 = 10;
/// Seconds between pings on an HTTP/2 connection, by which dead peers are found.
pub const KEEPALIVE_SECONDS: u64 = 30;
/// Seconds that a ping may go unanswered.
pub const KEEPALIVE_TIMEOUT_SECONDS: u64 = 20;
/// Streams that a peer may reset before they were looked at, past which its connection ends: a flood of opened and reset
/// streams costs the one who sends it a connection each time.
pub const MAX_PENDING_RESETS: usize = 64;
/// Bytes that a peer may send on one stream before somebody reads them: a request of the largest kind, and the next.
pub const STREAM_WINDOW_BYTES: u32 = 128 * 1024;
/// Bytes that a peer may send on one connection before somebody reads them.
pub const CONNECTION_WINDOW_BYTES: u32 = 512 * 1024;
/// Bytes of answers that are buffered for one stream; who does not read has no more than this, and one message.
pub const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// Calls in work at once, streams that have begun apart.
pub const MAX_OPEN_CALLS: usize = 8_192;
/// Calls kept for health, reflection and the admin service when all others are in use.
pub const RESERVED_CALLS: usize = 256;
/// Seconds that a call may take until it is answered, or its stream begins: a replay of a large store for a board of the
/// past is the slowest.
pub const CALL_SECONDS_MAX: u64 = 120;
/// SubmitResults streams open at once: each may have [`MAX_STREAM_IN_FLIGHT`] items waiting.
pub const MAX_SUBMIT_STREAMS: usize = 256;
/// Exports at once: each takes a thread.
pub const MAX_EXPORTS: usize = 4;
/// Streams open at once on one connection.
pub const MAX_CONCURRENT_STREAMS: u32 = 1_024;
/// Bytes of log since the last checkpoint that make a new one worth writing: a start applies them in a few hundredths
/// of a second.
pub const CHECKPOINT_LOG_BYTES_MIN: u64 = 1024 * 1024;
/// Bytes of log after which what was published since is written beside the checkpoints, which takes about as many
/// bytes. A start computes anew what was not: what watchers need of an entry takes ten times what the board does.
pub const RING_LOG_BYTES_MIN: u64 = 1024 * 1024;
/// Revisions not yet written that are worth a file when the daemon ends in order.
pub const RING_LEFT_MIN: u64 = 256;
/// Checkpoints kept: the newest, and another one for the case that it cannot be read.
pub const CHECKPOINTS_KEPT: usize = 2;
/// Bytes of log after which it is noted how far the log came: some hundreds of commits, so that the note costs nothing.
pub const MARK_LOG_BYTES: u64 = 256 * 1024;
/// Bytes of log that the walk in the background reads in a second: a hundredth of what a disk can, so that nobody
/// notices, and a log of a million results is walked in minutes.
pub const SCRUB_BYTES_PER_SECOND: u64 = 2 * 1024 * 1024;
/// Bytes of log that it reads without a pause.
pub const SCRUB_STEP_BYTES: u64 = 64 * 1024;
/// Hours between two walks: bits rot slowly, and a disk that sleeps is let sleep.
pub const SCRUB_PAUSE_HOURS: u64 = 24;

// A full leaf of chunks, with keys and overhead, stays inside sled's log file.
const _: () = assert!(17 * (CHUNK_BYTES_MAX + 64) < SLED_BLOB_BYTES);
// A chunk holds at least one entry of any size, with format, hash and checksum.
const _: () = assert!(ENTRY_BYTES_MAX + 128 <= CHUNK_BYTES_MAX);
// Every body fits an entry: the texts of each, plus 400 bytes of numbers, author, request id and framing.
const RESULT_TEXT_BYTES: usize = 2 * ID_BYTES_MAX
    + 2 * NAME_BYTES_MAX
    + 2 * HARNESS_BYTES_MAX
    + URL_BYTES_MAX
    + MAX_LABELS * (TAG_BYTES_MAX + LABEL_BYTES_MAX + 8);
const MODEL_TEXT_BYTES: usize = ID_BYTES_MAX
    + TITLE_BYTES_MAX
    + 3 * NAME_BYTES_MAX
    + PROVIDER_BYTES_MAX
    + URL_BYTES_MAX
    + MAX_TAGS * (TAG_BYTES_MAX + 2)
    + MAX_ALIASES * (ID_BYTES_MAX + 2);
const BENCHMARK_TEXT_BYTES: usize = 2 * ID_BYTES_MAX
    + TITLE_BYTES_MAX
    + NOTE_BYTES_MAX
    + NAME_BYTES_MAX
    + UNIT_BYTES_MAX
    + URL_BYTES_MAX
    + MAX_TAGS * (TAG_BYTES_MAX + 2);
const CLAIM_TEXT_BYTES: usize =
    2 * ID_BYTES_MAX + 2 * NAME_BYTES_MAX + TAG_BYTES_MAX + NOTE_BYTES_MAX + URL_BYTES_MAX;
const _: () = assert!(RESULT_TEXT_BYTES + 400 <= ENTRY_BYTES_MAX);
const _: () = assert!(MODEL_TEXT_BYTES + 400 <= ENTRY_BYTES_MAX);
const _: () = assert!(BENCHMARK_TEXT_BYTES + 400 <= ENTRY_BYTES_MAX);
const _: () = assert!(CLAIM_TEXT_BYTES + 400 <= ENTRY_BYTES_MAX);
// One stream cannot fill the writer's queue alone, and a request fits any entry.
const _: () = assert!(MAX_STREAM_IN_FLIGHT < MAX_QUEUED_SUBMISSIONS);
const _: () = assert!(MESSAGE_BYTES_MAX >= 4 * ENTRY_BYTES_MAX);
// A request of any size can be sent without waiting for somebody to read it.
const _: () = assert!(STREAM_WINDOW_BYTES as usize >= MESSAGE_BYTES_MAX);
const _: () = assert!(CONNECTION_WINDOW_BYTES >= STREAM_WINDOW_BYTES);
// Whoever waits for the writer's queue has a place among the calls.
const _: () = assert!(MAX_OPEN_CALLS > MAX_QUEUED_SUBMISSIONS);
const _: () = assert!(MAX_CONNECTIONS_PER_PEER < MAX_CONNECTIONS);
const _: () = assert!(PAGE_SIZE_DEFAULT <= PAGE_SIZE_MAX);
const _: () = assert!(WATCH_TOP_MAX <= PAGE_SIZE_MAX);
const _: () = assert!(FOLD_REVISIONS_MAX <= RING_REVISIONS_MAX);
const _: () = assert!(MAX_WATCH_VIEWS * VIEW_CACHE_BYTES_MAX <= RING_BYTES_MAX);
const _: () = assert!(WATCH_PROGRESS_SECONDS <= WATCH_HEARTBEAT_SECONDS);
