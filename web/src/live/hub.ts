// The shared connection: runs in a SharedWorker where there is one, so that all tabs of a browser share one watch a view.
// HTTP/1.1 allows six connections to an origin; without this the seventh tab would wait for ever.

import { connect } from "../api";
import type { BoardDelta } from "../gen/frontier/v1/leaderboard_pb";
import { FOLLOWED_MAX, GONE_MS, type ToHub, type ToPage, type View } from "./protocol";
import { Watch } from "./watch";

/** Named events kept for tabs that open later, in deltas. */
const KEPT_DELTAS = 400;
/** How long a watch that nobody looks at is kept, so that going back and forth costs nothing. */
const LINGER_MS = 3_000;

interface Page {
  send(message: ToPage): void;
  /** Views by the number that the page gave them. */
  views: Map<number, Shared>;
  heard: number;
}

interface Shared {
  watch: Watch;
  past: BoardDelta[][];
  lookers: Set<{ page: Page; id: number }>;
}

/** A looker for whom there is no room yet. */
interface Waiting {
  page: Page;
  id: number;
  view: View;
}

export class Hub {
  private token = "";
  private readonly pages = new Set<Page>();
  private readonly shared = new Map<string, Shared>();
  private waiting: Waiting[] = [];
  private readonly clients = connect(() => this.token);

  constructor() {
    setInterval(() => this.sweep(), GONE_MS / 4);
  }

  /** A page arrives. Answers what it is to call with each of its messages. */
  join(send: (message: ToPage) => void): (message: ToHub) => void {
    const page: Page = { send, views: new Map(), heard: Date.now() };
    this.pages.add(page);
    return (message) => this.hear(page, message);
  }

  private hear(page: Page, message: ToHub): void {
    page.heard = Date.now();
    this.pages.add(page);
    switch (message.kind) {
      case "hello":
        if (message.token) this.learn(message.token, page);
        else if (this.token) page.send({ kind: "token", token: this.token });
        break;
      case "token":
        this.learn(message.token, page);
        break;
      case "watch":
        this.watch(page, message.id, message.view);
        break;
      case "unwatch":
        this.unwatch(page, message.id);
        break;
      case "retry":
        for (const { watch } of this.shared.values()) watch.retry();
        break;
      case "ping":
        page.send({ kind: "pong" });
        break;
      case "bye":
        this.leave(page);
        break;
    }
  }

  private learn(token: string, from: Page): void {
    if (token === this.token) return;
    this.token = token;
    for (const page of this.pages) if (page !== from) page.send({ kind: "token", token });
    for (const { watch } of this.shared.values()) watch.retry();
  }

  private watch(page: Page, id: number, view: View): void {
    const key = JSON.stringify(view);
    const held = this.shared.get(key);
    if (!held && view.kind === "rows") this.giveWay();
    if (!held && view.kind === "rows" && !this.hasRoom()) {
      this.waiting.push({ page, id, view });
      page.send({ kind: "state", id, state: { at: "crowded" }, revision: 0n });
      return;
    }
    const shared = held ?? this.open(key, view);
    shared.lookers.add({ page, id });
    page.views.set(id, shared);
    const { watch, past } = shared;
    if (watch.whole && view.kind === "rows") {
      page.send({ kind: "rows", id, revision: watch.revision, reset: true, rows: [...watch.rows.values()], left: [] });
    }
    if (past.length > 0) {
      page.send({ kind: "events", id, revision: watch.revision, live: false, reset: true, boards: past.flat() });
    }
    page.send({ kind: "state", id, state: watch.state, revision: watch.revision });
  }

  /** Ends watches that are only kept for a while, where their place is needed. */
  private giveWay(): void {
    for (const shared of [...this.shared.values()]) if (!this.hasRoom() && shared.lookers.size === 0) this.close(shared);
  }

  private hasRoom(): boolean {
    return [...this.shared.values()].filter(({ watch }) => watch.view.kind === "rows").length < FOLLOWED_MAX;
  }

  private open(key: string, view: View): Shared {
    const lookers: Shared["lookers"] = new Set();
    const past: BoardDelta[][] = [];
    const watch: Watch = new Watch(this.clients, view, {
      state: (state) => {
        for (const { page, id } of lookers) page.send({ kind: "state", id, state, revision: watch.revision });
      },
      rows: (reset, rows, left) => {
        for (const { page, id } of lookers) page.send({ kind: "rows", id, revision: watch.revision, reset, rows, left });
      },
      events: (reset, boards) => {
        if (reset) past.length = 0;
        past.push(boards);
        if (past.length > KEPT_DELTAS) past.shift();
        const live = watch.revision > watch.past;
        for (const { page, id } of lookers) page.send({ kind: "events", id, revision: watch.revision, live, reset, boards });
      },
    });
    const shared = { watch, past, lookers };
    this.shared.set(key, shared);
    return shared;
  }

  private unwatch(page: Page, id: number): void {
    const shared = page.views.get(id);
    page.views.delete(id);
    this.waiting = this.waiting.filter((one) => one.page !== page || one.id !== id);
    if (!shared) return;
    for (const looker of shared.lookers) if (looker.page === page && looker.id === id) shared.lookers.delete(looker);
    if (shared.lookers.size === 0) setTimeout(() => this.close(shared), LINGER_MS);
  }

  private close(shared: Shared): void {
    if (shared.lookers.size > 0) return;
    shared.watch.stop();
    for (const [key, held] of this.shared) if (held === shared) this.shared.delete(key);
    const next = this.waiting.shift();
    if (next) this.watch(next.page, next.id, next.view);
  }

  private leave(page: Page): void {
    for (const id of [...page.views.keys()]) this.unwatch(page, id);
    this.waiting = this.waiting.filter((one) => one.page !== page);
    this.pages.delete(page);
  }

  private sweep(): void {
    for (const page of this.pages) if (Date.now() - page.heard > GONE_MS) this.leave(page);
  }
}
