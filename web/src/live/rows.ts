// The rows that a view of a board shows: live from the watch, or computed on request for the past and for filters of
// results.

import { useEffect, useRef, useState } from "preact/hooks";
import { trouble } from "../api";
import { clients } from "../catalog";
import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import { CostBasis, Detail, EvaluatorRelationship, Order } from "../gen/frontier/v1/types_pb";
import type { Route } from "../route";
import { useBoard, type Mark } from "./board";
import { WINDOW_ROWS, type Rows, type State } from "./protocol";

/** Computed boards are asked for again at most this often while revisions arrive. */
const AGAIN_MS = 1_000;

export interface Shown {
  rows: Standing[];
  marks: Map<string, Mark>;
  revision: bigint;
  ready: boolean;
  /** True while the watch keeps the rows up to date. */
  live: boolean;
  state: State;
  /** Why there are no rows. */
  error: string | undefined;
  basis: CostBasis | undefined;
}

export function basisOf(route: Route): CostBasis {
  return CostBasis[route.basis as keyof typeof CostBasis] ?? CostBasis.UNSPECIFIED;
}

export function isComputed(board: string): boolean {
  return board === "overall" || board.startsWith("suite/");
}

/** Another board than the one everybody is sent: of the past, or of some results only. */
export function isPast(route: Route): boolean {
  return route.asof !== "" || route.rev !== "" || route.rel.length > 0 || route.undisputed !== "";
}

const ORDERS: Record<string, Order> = { value: Order.VALUE, overpay: Order.OVERPAY, trend: Order.CONFORMANCE };

/** Boards longer than the window come in the order that is looked at; others whole, to be sorted here. */
function viewOf(route: Route, standings: number): Rows {
  const order = standings > WINDOW_ROWS ? (ORDERS[route.sort.replace("-", "")] ?? Order.SCORE) : Order.SCORE;
  return {
    kind: "rows",
    board: route.board,
    basis: basisOf(route),
    order,
    organizations: route.org,
    openWeights: route.open === "" ? undefined : route.open === "1",
    tags: route.tag,
    releasedSince: route.since,
    bestVariantOnly: route.best !== "",
  };
}

export function useRows(route: Route, standings: number, head: bigint): Shown {
  const past = isPast(route);
  const view = viewOf(route, standings);
  const live = useBoard(past ? undefined : view);
  const asks = past || live.state.at === "crowded";
  const computed = usePast(asks ? route : undefined, view, head);
  if (asks) return computed;
  const rows = [...live.rows.values()];
  return {
    rows,
    marks: live.marks,
    revision: live.revision,
    ready: live.ready,
    live: true,
    state: live.state,
    error: live.state.at === "refused" ? live.state.message : undefined,
    basis: rows[0]?.costBasis,
  };
}

const NO_MARKS = new Map<string, Mark>();
const NOTHING: Shown = {
  rows: [],
  marks: NO_MARKS,
  revision: 0n,
  ready: false,
  live: false,
  state: { at: "connecting" },
  error: undefined,
  basis: undefined,
};

function usePast(route: Route | undefined, view: Rows, head: bigint): Shown {
  const [shown, show] = useState(NOTHING);
  // A board of a revision in the past never changes.
  const moving = route?.rev === "" ? head : 0n;
  const key = route && JSON.stringify([view, route.asof, route.rev, route.rel, route.undisputed]);
  const last = useRef({ key, at: 0 });
  useEffect(() => {
    if (!route) return;
    const abort = new AbortController();
    const wait = last.current.key === key ? Math.max(0, last.current.at + AGAIN_MS - Date.now()) : 0;
    if (last.current.key !== key) show(NOTHING);
    const timer = setTimeout(() => {
      last.current = { key, at: Date.now() };
      ask(route, view, abort.signal).then(show, (error: unknown) => {
        if (abort.signal.aborted) return;
        show({ ...NOTHING, error: trouble(error).message, ready: true });
      });
    }, wait);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, moving]);
  return shown;
}

async function ask(route: Route, view: Rows, signal: AbortSignal): Promise<Shown> {
  const board = await clients.boards.getLeaderboard(
    {
      board: view.board,
      costBasis: view.basis,
      order: view.order,
      detail: Detail.FULL,
      pageSize: WINDOW_ROWS,
      rowFilter: {
        organizations: view.organizations,
        openWeights: view.openWeights,
        modelTags: view.tags,
        releasedSince: view.releasedSince,
        bestVariantOnly: view.bestVariantOnly,
      },
      resultFilter:
        route.rel.length > 0 || route.undisputed
          ? {
              relationships: route.rel.map((name) => EvaluatorRelationship[name as keyof typeof EvaluatorRelationship]).filter((known) => known !== undefined),
              undisputedOnly: route.undisputed !== "",
            }
          : undefined,
      asOf: route.asof || route.rev ? { date: route.asof, revision: /^\d+$/.test(route.rev) ? BigInt(route.rev) : undefined } : undefined,
    },
    { signal },
  );
  return {
    rows: board.rows,
    marks: NO_MARKS,
    revision: board.revision,
    ready: true,
    live: false,
    state: { at: "live" },
    error: undefined,
    basis: board.costBasis,
  };
}
