// Named events of all benchmarks, newest first.

import { useEffect, useState } from "preact/hooks";
import { EventKind, type Event } from "../gen/frontier/v1/leaderboard_pb";
import { watch } from "./connection";
import type { State } from "./protocol";

/** Items kept. */
const ITEMS_MAX = 250;

/** One event, or several that are one thing to people: all whom one model overtook at once. */
export interface Item {
  key: string;
  board: string;
  revision: bigint;
  event: Event;
  /** The events put together; at least `event` itself. */
  all: Event[];
  /** When it arrived, milliseconds since 1970; absent where it is older than this page. */
  at: number | undefined;
}

export interface Feed {
  items: Item[];
  revision: bigint;
  state: State;
}

function itemsOf(board: string, events: Event[], at: number | undefined): Item[] {
  const items = new Map<string, Item>();
  for (const event of events) {
    const together = event.kind === EventKind.OVERTAKEN ? event.otherModel : event.model;
    const key = `${event.revision}/${board}/${event.kind}/${together}`;
    const item = items.get(key);
    if (item) item.all.push(event);
    else items.set(key, { key, board, revision: event.revision, event, all: [event], at });
  }
  return [...items.values()];
}

let feed: Feed = { items: [], revision: 0n, state: { at: "connecting" } };
const listeners = new Set<() => void>();
let started = false;

function begin(): void {
  started = true;
  let scheduled = false;
  watch({ kind: "events" }, (message) => {
    if (message.kind === "rows") return;
    const next: Feed = { ...feed, revision: message.revision };
    if (message.kind === "state") next.state = message.state;
    else {
      const at = message.live ? Date.now() : undefined;
      const items = message.boards.flatMap((board) => itemsOf(board.board, board.events, at)).reverse();
      const before = message.reset ? [] : feed.items;
      const held = new Set(before.map((item) => item.key));
      next.items = [...items.filter((item) => !held.has(item.key)), ...before]
        .sort((a, b) => (a.revision < b.revision ? 1 : a.revision > b.revision ? -1 : 0))
        .slice(0, ITEMS_MAX);
    }
    feed = next;
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      for (const listener of listeners) listener();
    }, 50);
  });
}

export function useFeed(): Feed {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!started) begin();
    const listener = () => redraw((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return feed;
}
