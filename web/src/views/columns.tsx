// The columns of a board.

import type { JSX } from "preact";
import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import { Status, Verdict, type CostBasis } from "../gen/frontier/v1/types_pb";
import type { Mark } from "../live/board";
import { link } from "../route";
import { BASIS_SHORT, briefRange, costOn, factor, KIND, money, NONE, plain, unitSuffix, VERDICT } from "../words";

/** What cells need to know besides their row. */
export interface Around {
  basis: CostBasis | undefined;
  unit: string;
  decimals: number;
  name: (id: string) => string;
  /** Least and greatest score shown, for the bar of the interval. */
  scale: [number, number];
  source: (row: Standing) => JSX.Element | null;
}

export interface Column {
  key: string;
  label: (around: Around) => string;
  /** What the column means, for the header. */
  help: string;
  numeric: boolean;
  /** Greatest first when the column is chosen. */
  descends: boolean;
  value: (row: Standing, around: Around) => number | string | undefined;
  cell: (row: Standing, around: Around, mark: Mark | undefined) => JSX.Element | string | null;
  /** Shows the row's details when pointed at. */
  hint?: boolean;
  class?: string;
}

export function scoreText(value: number, { unit, decimals }: Pick<Around, "unit" | "decimals">): string {
  const text = unit === "USD" ? `$${value.toFixed(Math.max(2, decimals))}` : value.toFixed(decimals);
  return unit === "USD" ? text : `${text}${unitSuffix(unit)}`;
}

function bare(value: number, { decimals }: Around): string {
  return value.toFixed(Math.max(decimals, 1));
}

/** The interval as a line and the score as a point, on the scale of the board. */
function Bar({ row, around }: { row: Standing; around: Around }) {
  const [low, high] = around.scale;
  const at = (value: number) => 2 + (Math.min(Math.max(value, low), high) - low) / (high - low || 1) * 56;
  return (
    <svg class="bar" viewBox="0 0 60 12" aria-hidden="true">
      <line class="rail" x1="2" x2="58" y1="6" y2="6" />
      {row.interval && <line class="span" x1={at(row.interval.low)} x2={at(row.interval.high)} y1="6" y2="6" />}
      <circle cx={at(row.score)} cy="6" r="2.6" />
    </svg>
  );
}

function Moved({ mark }: { mark: Mark | undefined }) {
  if (!mark) return null;
  if (mark.moved === 0) return mark.isNew ? <span class="moved new">new</span> : null;
  const up = mark.moved > 0;
  return (
    <span class={`moved ${up ? "up" : "down"}`}>
      <span aria-hidden="true">{up ? "▲" : "▼"}</span>
      <span class="hidden">{up ? "up" : "down"} </span>
      {Math.abs(mark.moved)}
    </span>
  );
}

const RANK: Column = {
  key: "rank",
  label: () => "Rank",
  help: "1 + number of models strictly better; below it the ranks that the 95 % intervals allow",
  numeric: true,
  descends: false,
  value: (row) => row.rank,
  class: "rank",
  cell: (row, _, mark) => (
    <>
      <Moved mark={mark} />
      <b>{row.rank ?? NONE}</b>
      <small title="Ranks that the 95 % intervals allow">{row.rankBest !== undefined && (row.rankBest === row.rankWorst ? "" : `${row.rankBest}–${row.rankWorst}`)}</small>
    </>
  ),
};

const MODEL: Column = {
  key: "model",
  label: () => "Model",
  help: "Model; follow it for its standings, prices, claims and results",
  numeric: false,
  descends: false,
  value: (row, around) => around.name(row.model).toLowerCase(),
  class: "model",
  cell: (row, around) => (
    <>
      <a href={link({ view: "model", model: row.model, with: "" })}>{around.name(row.model)}</a>
      {row.status === Status.DISPUTED && (
        <span class="tag bad" title="The result that counts is disputed">
          disputed
        </span>
      )}
      {row.biasedUpward && (
        <span class="tag" title={`The best of ${row.attempts} attempts: biased upward`}>
          best of {row.attempts}
        </span>
      )}
      <small>{row.model}</small>
    </>
  ),
};

const ORGANIZATION: Column = {
  key: "org",
  label: () => "Organization",
  help: "Who made the model",
  numeric: false,
  descends: false,
  value: (row) => row.organization.toLowerCase() || undefined,
  class: "org",
  cell: (row) => row.organization || NONE,
};

const SCORE: Column = {
  key: "score",
  label: ({ unit }) => (unit === "WIN_RATE" ? "Win rate" : "Score"),
  help: "Score with half its 95 % interval",
  numeric: true,
  descends: true,
  value: (row) => row.score,
  hint: true,
  class: "score",
  cell: (row, around) => (
    <>
      <Bar row={row} around={around} />
      <span class="figure">{scoreText(row.score, around)}</span>
      <small>{row.interval ? `± ${bare((row.interval.high - row.interval.low) / 2, around)}` : ""}</small>
    </>
  ),
};

const COVERAGE: Column = {
  key: "coverage",
  label: () => "Coverage",
  help: "Benchmarks that the mean is taken over",
  numeric: true,
  descends: true,
  value: (row) => row.coverage,
  class: "coverage",
  cell: (row) => (row.coverage === undefined ? NONE : <span>{`${row.benchmarkCount} of ${Math.round(row.benchmarkCount / row.coverage)}`}</span>),
};

const COST: Column = {
  key: "cost",
  label: ({ basis }) => (basis === undefined ? "Cost" : BASIS_SHORT[basis]),
  help: "Cost on the chosen basis, how it came to be known, and its range",
  numeric: true,
  descends: false,
  value: (row, { basis }) => costOn(row, basis)?.centralUsd,
  hint: true,
  class: "cost",
  cell: (row, { basis }) => {
    const cost = costOn(row, basis);
    if (!cost) return <span class="muted">{NONE}</span>;
    const about = briefRange(cost.lowUsd, cost.highUsd);
    return (
      <>
        <span class="figure">{money(cost.centralUsd)}</span>
        <small>{about || (cost.notACostProxy ? "no cost proxy" : KIND[cost.kind])}</small>
      </>
    );
  },
};

const VALUE: Column = {
  key: "value",
  label: () => "Value",
  help: "Points per dollar: 100 x normalised score / cost",
  numeric: true,
  descends: true,
  value: (row) => row.value,
  class: "value",
  cell: (row) => plain(row.value),
};

const OVERPAY: Column = {
  key: "overpay",
  label: () => "Overpay",
  help: "Cost / the lowest cost at which the board offers at least this score",
  numeric: true,
  descends: false,
  value: (row) => row.overpay,
  class: "overpay",
  cell: (row) => (row.overpay === undefined ? <span class="muted">{NONE}</span> : <span class={row.overpay === 1 ? "muted" : undefined}>{factor(row.overpay)}</span>),
};

const FRONTIER: Column = {
  key: "frontier",
  label: () => "Frontier",
  help: "On the Pareto frontier: nobody has at least this score for at most this cost",
  numeric: false,
  descends: false,
  value: (row) => (row.onFrontier === undefined ? undefined : row.onFrontier ? 0 : 1),
  hint: true,
  class: "frontier",
  cell: (row) =>
    row.onFrontier === undefined ? (
      <span class="muted">{NONE}</span>
    ) : row.onFrontier ? (
      <span class="diamond on" role="img" aria-label="on the frontier">
        ◆
      </span>
    ) : (
      <span class="diamond" role="img" aria-label="not on the frontier">
        ◇
      </span>
    ),
};

export const PILL: Partial<Record<Verdict, string>> = {
  [Verdict.AHEAD]: "good",
  [Verdict.ON_TREND]: "fair",
  [Verdict.WITHIN_INTERVAL]: "fair",
  [Verdict.BEHIND]: "bad",
  [Verdict.FIRST_TO_REACH]: "first",
};

const TREND: Column = {
  key: "trend",
  label: () => "Trend",
  help: "Whether the cost is on the declared cost-decline curve, and q = expected / observed cost",
  numeric: false,
  descends: true,
  value: (row) => row.trend?.q ?? (row.trend?.verdict === Verdict.FIRST_TO_REACH ? 0 : undefined),
  hint: true,
  class: "trend",
  cell: (row, around) => {
    const verdict = row.trend?.verdict ?? Verdict.UNSPECIFIED;
    return (
      <button type="button" class={`pill ${PILL[verdict] ?? "none"}`} data-verdict={Verdict[verdict]}>
        {VERDICT[verdict] || "details"} {row.trend?.q !== undefined && <i>{factor(row.trend.q)}</i>}
        <span class="hidden">, how this was reached for {around.name(row.model)}</span>
      </button>
    );
  },
};

const SOURCE: Column = {
  key: "source",
  label: () => "Source",
  help: "Where the result is stated",
  numeric: false,
  descends: false,
  value: (row) => row.observedDate || undefined,
  class: "src",
  cell: (row, around) => around.source(row),
};

/** The columns that say something about a board. */
export function columnsOf(rows: Standing[], computed: boolean): Column[] {
  const some = (column: Column) => rows.length === 0 || rows.some((row) => column.value(row, EMPTY) !== undefined);
  return computed
    ? [RANK, MODEL, ORGANIZATION, SCORE, COVERAGE, COST, ...[OVERPAY, FRONTIER].filter(some)]
    : [RANK, MODEL, ORGANIZATION, SCORE, COST, ...[VALUE, OVERPAY, FRONTIER].filter(some), TREND, SOURCE];
}

const EMPTY: Around = { basis: undefined, unit: "", decimals: 0, name: (id) => id, scale: [0, 1], source: () => null };

/** Rows by a column; what has no value comes last, equals by rank and id. */
export function sorted(rows: Standing[], columns: Column[], sort: string, around: Around): Standing[] {
  const column = columns.find((one) => one.key === sort.replace("-", "")) ?? RANK;
  const sign = sort.startsWith("-") ? -1 : 1;
  const byRank = (a: Standing, b: Standing) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || (a.model < b.model ? -1 : 1);
  return rows
    .map((row) => ({ row, value: column.value(row, around) }))
    .sort((a, b) => {
      if (a.value === undefined || b.value === undefined) return Number(a.value === undefined) - Number(b.value === undefined) || byRank(a.row, b.row);
      return a.value < b.value ? -sign : a.value > b.value ? sign : byRank(a.row, b.row);
    })
    .map(({ row }) => row);
}
