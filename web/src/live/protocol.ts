// What a page and the shared connection say to each other.

import type { CostBasis, Order } from "../gen/frontier/v1/types_pb";
import type { BoardDelta, Standing } from "../gen/frontier/v1/leaderboard_pb";

/** Which rows of a board are wanted. Equal texts of it are one watch. */
export interface Rows {
  kind: "rows";
  board: string;
  basis: CostBasis;
  order: Order;
  organizations: string[];
  openWeights?: boolean;
  tags: string[];
  releasedSince: string;
  bestVariantOnly: boolean;
}

/** The named events of all benchmarks, the newest few past ones included. */
export interface Events {
  kind: "events";
}

export type View = Rows | Events;

/** How a watch is doing. */
export type State =
  | { at: "connecting" }
  | { at: "live" }
  /** Broken off; tried again at a time (milliseconds since 1970). */
  | { at: "waiting"; until: number; message: string }
  | { at: "unauthenticated"; message: string }
  /** Too many views are followed already: ask for the rows instead. It is followed once another is given up. */
  | { at: "crowded" }
  /** The daemon does not give this view, and asking again would not help. */
  | { at: "refused"; message: string };

export type ToHub =
  | { kind: "hello"; token: string }
  | { kind: "watch"; id: number; view: View }
  | { kind: "unwatch"; id: number }
  | { kind: "token"; token: string }
  | { kind: "retry" }
  | { kind: "ping" }
  | { kind: "bye" };

export type ToPage =
  /** A token that another tab was asked for. */
  | { kind: "token"; token: string }
  | { kind: "pong" }
  | { kind: "state"; id: number; state: State; revision: bigint }
  /** Rows that are new or differ and models that left; `reset` drops what was held before. */
  | { kind: "rows"; id: number; revision: bigint; reset: boolean; rows: Standing[]; left: string[] }
  | { kind: "events"; id: number; revision: bigint; live: boolean; reset: boolean; boards: BoardDelta[] };

/** Views followed at once: HTTP/1.1 allows six connections, and the feed and the calls need some of them. */
export const FOLLOWED_MAX = 3;
/** Rows shown of a board at most: the largest window the daemon keeps up to date. */
export const WINDOW_ROWS = 500;
/** Past events that a fresh feed begins with, in revisions. */
export const PAST_REVISIONS = 500n;
/** How often a page says that it is still there; a hidden page may be held back to once a minute. */
export const PING_MS = 20_000;
/** Silence after which a page is taken for closed. */
export const GONE_MS = 200_000;
