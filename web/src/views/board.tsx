// Views of one board: its table, its chart, its trend.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { benchmarkName, modelName, readAgain, type Catalog } from "../catalog";
import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import { WINDOW_ROWS } from "../live/protocol";
import type { Feed } from "../live/feed";
import { isComputed, isPast, useRows, type Shown } from "../live/rows";
import { link, type Route } from "../route";
import { Empty, Problem, Skeleton, Source } from "../ui/parts";
import { BASIS, decimals, plural, unitName } from "../words";
import { ChartView } from "./chart";
import { columnsOf, sorted, type Around } from "./columns";
import { FeedList } from "./feed";
import { useSources } from "./sources";
import { Table } from "./table";
import { TrendView } from "./trend";
import { Toolbar } from "./toolbar";

export function BoardView({ route, catalog, feed }: { route: Route; catalog: Catalog; feed: Feed }) {
  const benchmark = catalog.benchmarks.get(route.board);
  const shown = useRows(route, benchmark?.standingCount ?? 0, feed.revision);
  const title = benchmarkName(catalog, route.board);
  const unit = isComputed(route.board) ? "WIN_RATE" : (benchmark?.unit ?? "PERCENT");
  useEffect(() => {
    document.title = `${title} - frontierd`;
  }, [title]);
  const unknown = catalog.settled && shown.rows.some((row) => !catalog.models.has(row.model));
  useEffect(() => {
    if (unknown) readAgain();
  }, [unknown, shown.revision]);
  const around = useAround(shown, catalog, unit, route.board);
  return (
    <>
      <Toolbar route={route} catalog={catalog} shown={shown} around={around} />
      <section class="board-view" aria-labelledby="board-title">
        <div class="board-head">
          <h1 id="board-title">{title}</h1>
          <p class="lede">{catalog.settled ? (benchmark?.description ?? computedLede(route.board)) : "\u00a0"}</p>
          <Facts route={route} shown={shown} unit={unit} source={benchmark?.sourceUrl} />
        </div>
        <Body route={route} catalog={catalog} feed={feed} shown={shown} around={around} />
      </section>
    </>
  );
}

function computedLede(board: string): string | undefined {
  if (board === "overall") return "Mean win rate over all benchmarks: how many of the other models a model beats, on average.";
  return board.startsWith("suite/") ? "Mean win rate over the benchmarks of this suite." : undefined;
}

function Body({ route, catalog, feed, shown, around }: { route: Route; catalog: Catalog; feed: Feed; shown: Shown; around: Around }) {
  if (shown.error) return <Problem message={shown.error} />;
  if (!shown.ready || !catalog.settled) return <Skeleton rows={10} />;
  if (shown.rows.length === 0) return <NoRows route={route} />;
  if (route.view === "chart") return <ChartView shown={shown} around={around} higherIsBetter={catalog.benchmarks.get(route.board)?.higherIsBetter ?? true} />;
  if (route.view === "trend") return <TrendView route={route} catalog={catalog} shown={shown} around={around} />;
  return (
    <div class="with-rail">
      <TableView route={route} shown={shown} around={around} />
      <aside class="rail" aria-label="Live feed">
        <h2>Live feed</h2>
        <FeedList feed={feed} catalog={catalog} limit={40} />
      </aside>
    </div>
  );
}

/** What cells need; the same object while nothing in it changes, so that unchanged rows are not drawn again. */
function useAround(shown: Shown, catalog: Catalog, unit: string, board: string): Around {
  const source = useSources(isComputed(board) ? undefined : board, shown.rows, shown.live);
  const places = decimals(
    shown.rows.map((row) => row.score),
    unit,
  );
  const low = Math.min(...shown.rows.map((row) => row.interval?.low ?? row.score));
  const high = Math.max(...shown.rows.map((row) => row.interval?.high ?? row.score));
  return useMemo<Around>(
    () => ({ basis: shown.basis, unit, decimals: places, name: (id) => modelName(catalog, id), scale: [low, high], source }),
    [shown.basis, unit, places, catalog, low, high, source],
  );
}

function TableView({ route, shown, around }: { route: Route; shown: Shown; around: Around }) {
  const computed = isComputed(route.board);
  const kept = useRef<ReturnType<typeof columnsOf>>([]);
  const columns = columnsOf(shown.rows, computed);
  if (columns.map((column) => column.key).join() !== kept.current.map((column) => column.key).join()) kept.current = columns;
  const rows = sorted(found(shown.rows, route.q, around), kept.current, route.sort, around);
  return (
    <div class="table-view">
      <Table rows={rows} columns={kept.current} around={around} marks={shown.marks} sort={route.sort} caption={`Board ${route.board}`} />
      {rows.length === 0 && (
        <Empty title={`No model here matches “${route.q}”`}>
          <p>
            <a href={link({ q: "" })}>Show all {shown.rows.length} rows</a>
          </p>
        </Empty>
      )}
      {shown.rows.length >= WINDOW_ROWS && <p class="note">The first {WINDOW_ROWS} rows in this order are shown. Filters and other orders reach the rest.</p>}
    </div>
  );
}

export function found(rows: Standing[], query: string, around: Around): Standing[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = `${row.model} ${around.name(row.model)} ${row.organization}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function Facts({ route, shown, unit, source }: { route: Route; shown: Shown; unit: string; source: string | undefined }) {
  return (
    <p class="facts">
      {shown.ready && <span>{plural(shown.rows.length, "model")}</span>}
      <span>{unitName(unit)}</span>
      {shown.basis !== undefined && <span>cost: {BASIS[shown.basis]}</span>}
      {isPast(route) && (
        <span class="past">
          {route.asof || route.rev ? `as of ${[route.asof, route.rev && `revision ${route.rev}`].filter(Boolean).join(", ")}` : "chosen results only"}
        </span>
      )}
      {source && <Source url={source} label="Where the benchmark is defined" />}
      <span data-board-revision={String(shown.revision)} class="revision">
        {shown.revision > 0n && `revision ${shown.revision.toLocaleString("en-US")}`}
      </span>
    </p>
  );
}

function NoRows({ route }: { route: Route }) {
  const filtered = route.org.length > 0 || route.open || route.tag.length > 0 || route.since || route.asof || route.rev || route.rel.length > 0;
  if (filtered) {
    return (
      <Empty title="No model here passes these filters">
        <p>
          <a href={link({ org: [], open: "", tag: [], since: "", best: "", asof: "", rev: "", rel: [], undisputed: "" })}>Clear all filters</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing stands on this board yet">
      <p>The first result makes the first row, and it appears here at once:</p>
      <pre>frontierd submit {isComputed(route.board) ? "BENCHMARK" : route.board} vendor/model 71.5</pre>
    </Empty>
  );
}
