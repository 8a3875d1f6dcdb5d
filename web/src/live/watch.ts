// One watch of the daemon: follows it, folds its frames, and goes on where it stood when the connection breaks.

import { Code, ConnectError } from "@connectrpc/connect";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BoardDelta, Standing, WatchLeaderboardRequestSchema, WatchLeaderboardResponse } from "../gen/frontier/v1/leaderboard_pb";
import { Detail } from "../gen/frontier/v1/types_pb";
import { trouble, type Clients } from "../api";
import { PAST_REVISIONS, WINDOW_ROWS, type State, type View } from "./protocol";

/** Silence after which a connection is given up: the daemon says something every ten seconds. */
const SILENCE_MS = 25_000;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 5_000;
const REFUSED_MS = 10_000;
/** Folding on the daemon's side: ten frames a second at most. */
const MIN_INTERVAL_NANOS = 100_000_000;

/** Told of all that a watch brings. */
export interface Listener {
  state(state: State): void;
  rows(reset: boolean, rows: Standing[], left: string[]): void;
  events(reset: boolean, boards: BoardDelta[]): void;
}

export class Watch {
  readonly rows = new Map<string, Standing>();
  revision = 0n;
  state: State = { at: "connecting" };
  /** False until the first snapshot is whole (or, for events, the past has been read). */
  whole = false;
  /** Revisions up to it are past, for whoever looks at events for the first time. */
  past = 0n;
  private storeId = "";
  private stopping = false;
  private abort = new AbortController();
  private wake: () => void = () => {};
  private failures = 0;
  private fresh: Standing[] = [];

  constructor(
    private readonly clients: Clients,
    readonly view: View,
    private readonly listener: Listener,
  ) {
    void this.run();
  }

  stop(): void {
    this.stopping = true;
    this.abort.abort();
    this.wake();
  }

  /** Tries again at once. */
  retry(): void {
    if (this.state.at !== "live" && this.state.at !== "connecting") {
      this.failures = 0;
      this.wake();
    }
  }

  private tell(state: State): void {
    this.state = state;
    this.listener.state(state);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.follow();
        // The daemon ends its watches when it is told to stop.
        await this.pause("the daemon ended the connection");
      } catch (error) {
        if (this.stopping) return;
        await this.failed(error);
      }
    }
  }

  private async failed(error: unknown): Promise<void> {
    const code = ConnectError.from(error).code;
    const what = trouble(error);
    if ((code === Code.OutOfRange || code === Code.FailedPrecondition) && this.storeId) {
      // Too old, or another store: what is held says nothing any more, and a snapshot is asked for.
      this.storeId = "";
      if (this.view.kind === "events") this.listener.events(true, []);
      return;
    }
    if (what.unauthenticated) {
      this.tell({ at: "unauthenticated", message: what.message });
      await this.sleep(undefined);
    } else if (what.passing) {
      await this.pause(what.message);
    } else {
      this.tell({ at: "refused", message: what.message });
      // A board that is not known now may be made any moment.
      await this.sleep(REFUSED_MS);
    }
  }

  /** Waits longer after each failure, by chance a little less, so that many pages do not come back at once. */
  private async pause(message: string): Promise<void> {
    if (this.stopping) return;
    const longest = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 1.8 ** this.failures);
    this.failures += 1;
    const wait = longest * (0.7 + 0.3 * Math.random());
    this.tell({ at: "waiting", until: Date.now() + wait, message });
    await this.sleep(wait);
  }

  private sleep(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async follow(): Promise<void> {
    if (this.state.at !== "waiting" && this.state.at !== "refused") this.tell({ at: "connecting" });
    this.abort = new AbortController();
    const silence = new Silence(() => this.abort.abort(new Error("nothing was heard for too long")));
    try {
      const request = await this.request(this.abort.signal);
      const stream = this.clients.boards.watchLeaderboard(request, { signal: this.abort.signal });
      for await (const frame of stream) {
        silence.heard();
        this.failures = 0;
        this.take(frame);
      }
    } finally {
      silence.stop();
    }
  }

  private async request(signal: AbortSignal): Promise<MessageInitShape<typeof WatchLeaderboardRequestSchema>> {
    const view = this.view;
    const resumes = this.storeId !== "";
    if (!resumes) {
      this.whole = false;
      this.fresh = [];
    }
    const after = { revision: this.revision, storeId: this.storeId, resnapshot: true };
    if (view.kind === "events") {
      if (!resumes) {
        const { revision } = await this.clients.catalog.listBenchmarks({ pageSize: 1 }, { signal });
        this.past = revision;
        after.revision = revision > PAST_REVISIONS ? revision - PAST_REVISIONS : 0n;
      }
      return { eventsOnly: true, minInterval: { seconds: 0n, nanos: MIN_INTERVAL_NANOS }, after };
    }
    return {
      boards: [view.board],
      costBasis: view.basis,
      order: view.order,
      top: WINDOW_ROWS,
      detail: Detail.FULL,
      minInterval: { seconds: 0n, nanos: MIN_INTERVAL_NANOS },
      rowFilter: {
        organizations: view.organizations,
        openWeights: view.openWeights,
        modelTags: view.tags,
        releasedSince: view.releasedSince,
        bestVariantOnly: view.bestVariantOnly,
      },
      after: resumes ? after : undefined,
    };
  }

  private take(message: WatchLeaderboardResponse): void {
    const { frame } = message;
    this.revision = message.revision;
    if (frame.case === "snapshot") {
      if (frame.value.first) this.fresh = [];
      this.fresh.push(...frame.value.rows);
    } else if (frame.case === "snapshotEnd") {
      this.replace(this.fresh);
      this.fresh = [];
    } else if (frame.case === "delta") {
      this.change(frame.value.boards);
    }
    // A snapshot that is not whole cannot be resumed from.
    if (frame.case !== "snapshot") {
      this.storeId = message.storeId;
      this.whole = true;
      // Events of the past are read first.
      if (this.revision < this.past) return;
      if (this.state.at !== "live") this.tell({ at: "live" });
      else if (frame.case === "progress") this.listener.state(this.state);
    }
  }

  private replace(rows: Standing[]): void {
    this.rows.clear();
    for (const row of rows) this.rows.set(row.model, row);
    if (this.view.kind === "rows") this.listener.rows(true, rows, []);
  }

  private change(boards: BoardDelta[]): void {
    if (this.view.kind === "events") {
      this.listener.events(false, boards);
      return;
    }
    for (const board of boards) {
      for (const model of board.left) this.rows.delete(model);
      for (const row of board.rows) this.rows.set(row.model, row);
      this.listener.rows(false, board.rows, board.left);
    }
  }
}

/** Calls out when nothing was heard for a while. */
class Silence {
  private timer: ReturnType<typeof setTimeout>;

  constructor(private readonly broken: () => void) {
    this.timer = setTimeout(broken, SILENCE_MS);
  }

  heard(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.broken, SILENCE_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
