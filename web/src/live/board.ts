// The rows of a board as they are now, and what changed a moment ago.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import { watch } from "./connection";
import type { Rows, State } from "./protocol";

/** How long a change stays marked, milliseconds. */
export const MARK_MS = 6_000;

/** What became of a row. */
export interface Mark {
  at: number;
  isNew: boolean;
  /** Places gained (positive) or lost since the change. */
  moved: number;
  score: boolean;
  cost: boolean;
  frontier: "entered" | "left" | undefined;
}

export interface Board {
  rows: Map<string, Standing>;
  marks: Map<string, Mark>;
  revision: bigint;
  state: State;
  /** False until there is something to show. */
  ready: boolean;
}

const EMPTY: Board = { rows: new Map(), marks: new Map(), revision: 0n, state: { at: "connecting" }, ready: false };

function costOf(row: Standing): number | undefined {
  return row.costs.find((cost) => cost.basis === row.costBasis)?.centralUsd;
}

/** What to mark where a row takes the place of another; nothing where no one would see a difference. */
function difference(before: Standing | undefined, now: Standing, at: number): Mark | undefined {
  if (!before) return { at, isNew: true, moved: 0, score: false, cost: false, frontier: undefined };
  const moved = (before.rank ?? 0) - (now.rank ?? 0);
  const score = before.score !== now.score;
  const cost = costOf(before) !== costOf(now);
  const frontier = before.onFrontier === now.onFrontier ? undefined : now.onFrontier ? "entered" : before.onFrontier ? "left" : undefined;
  if (!moved && !score && !cost && !frontier && before.status === now.status) return undefined;
  return { at, isNew: false, moved, score, cost, frontier };
}

/** Adds up what happened to a row within the time of one mark. */
function joined(before: Mark | undefined, now: Mark): Mark {
  if (!before || now.at - before.at > MARK_MS) return now;
  return {
    at: now.at,
    isNew: before.isNew || now.isNew,
    moved: before.moved + now.moved,
    score: before.score || now.score,
    cost: before.cost || now.cost,
    frontier: now.frontier ?? before.frontier,
  };
}

/** A drawing rests this many times as long as it took, so that a long board leaves room for scrolling and typing. */
const REST = 3;
const REST_MAX_MS = 600;

/** Decides when to draw: with the next frame of the screen, unless the last drawing was long or nobody sees the page. */
class Pace {
  private earliest = 0;

  soon(call: () => void): () => void {
    const rest = Math.max(this.earliest - performance.now(), document.hidden ? 200 : 0);
    let frame = 0;
    const draw = () => {
      const began = performance.now();
      call();
      // After the frame is drawn.
      requestAnimationFrame(() => setTimeout(() => this.drawn(performance.now() - began)));
    };
    const timer = setTimeout(() => (document.hidden ? call() : (frame = requestAnimationFrame(draw))), rest);
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }

  private drawn(took: number): void {
    // A short drawing, with the frame that follows it, needs no rest.
    this.earliest = took < 40 ? 0 : performance.now() + Math.min(REST * took, REST_MAX_MS);
  }
}

/** Follows a view. However many frames arrive, it is drawn at most once a frame of the screen. */
export function useBoard(view: Rows | undefined): Board {
  const key = view && JSON.stringify(view);
  const [, redraw] = useState(0);
  const board = useRef<{ key: string | undefined; board: Board }>({ key: undefined, board: EMPTY });
  if (board.current.key !== key) board.current = { key, board: EMPTY };

  useEffect(() => {
    if (!view) return;
    const rows = new Map<string, Standing>();
    const marks = new Map<string, Mark>();
    let now: Board = { ...EMPTY, rows, marks };
    let scheduled: (() => void) | undefined;
    const pace = new Pace();
    let fading: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      scheduled = undefined;
      now = { ...now };
      board.current = { key, board: now };
      redraw((count) => count + 1);
    };
    const changed = () => (scheduled ??= pace.soon(show));
    const fade = () => {
      const oldest = Date.now() - MARK_MS;
      for (const [model, mark] of marks) if (mark.at <= oldest) marks.delete(model);
      fading = marks.size > 0 ? setTimeout(fade, MARK_MS / 6) : undefined;
      changed();
    };
    const end = watch(view, (message) => {
      if (message.kind === "events") return;
      now.revision = message.revision;
      if (message.kind === "state") {
        now.state = message.state;
        return changed();
      }
      const at = Date.now();
      // The first rows of all are no news; those of a snapshot that replaces others are.
      const news = now.ready;
      for (const row of message.rows) {
        const mark = news ? difference(rows.get(row.model), row, at) : undefined;
        if (mark) marks.set(row.model, joined(marks.get(row.model), mark));
      }
      if (message.reset) rows.clear();
      for (const model of message.left) rows.delete(model);
      for (const row of message.rows) rows.set(row.model, row);
      now.ready = true;
      if (marks.size > 0) fading ??= setTimeout(fade, MARK_MS / 6);
      changed();
    });
    return () => {
      end();
      scheduled?.();
      clearTimeout(fading);
    };
  }, [key]);
  return board.current.board;
}
