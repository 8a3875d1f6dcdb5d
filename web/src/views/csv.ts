// The table that is shown, as a file.

import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import { CostBasis, CostKind, Status, Verdict } from "../gen/frontier/v1/types_pb";
import { isComputed, type Shown } from "../live/rows";
import type { Route } from "../route";
import { costOn } from "../words";
import { found } from "./board";
import { columnsOf, sorted, type Around } from "./columns";

type Field = [name: string, value: (row: Standing, basis: CostBasis | undefined) => string | number | bigint | boolean | undefined];

const FIELDS: Field[] = [
  ["rank", (row) => row.rank],
  ["rank_best", (row) => row.rankBest],
  ["rank_worst", (row) => row.rankWorst],
  ["model", (row) => row.model],
  ["title", (row) => row.title],
  ["organization", (row) => row.organization],
  ["score", (row) => row.score],
  ["score_low", (row) => row.interval?.low],
  ["score_high", (row) => row.interval?.high],
  ["cost_basis", (_, basis) => (basis === undefined ? "" : CostBasis[basis])],
  ["cost_usd", (row, basis) => costOn(row, basis)?.centralUsd],
  ["cost_low_usd", (row, basis) => costOn(row, basis)?.lowUsd],
  ["cost_high_usd", (row, basis) => costOn(row, basis)?.highUsd],
  ["cost_kind", (row, basis) => CostKind[costOn(row, basis)?.kind ?? CostKind.UNSPECIFIED]?.replace("UNSPECIFIED", "")],
  ["value", (row) => row.value],
  ["overpay", (row) => row.overpay],
  ["on_frontier", (row) => row.onFrontier],
  ["verdict", (row) => (row.trend ? Verdict[row.trend.verdict] : "")],
  ["q", (row) => row.trend?.q],
  ["status", (row) => Status[row.status]],
  ["observed_date", (row) => row.observedDate],
  ["result_revision", (row) => row.resultRevision || undefined],
];

/** A cell that no spreadsheet takes for a formula, quoted where it has to be. */
export function cell(value: string | number | bigint | boolean | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const tame = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}

export function csv(rows: Standing[], basis: CostBasis | undefined): string {
  const lines = [FIELDS.map(([name]) => name), ...rows.map((row) => FIELDS.map(([, value]) => cell(value(row, basis))))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

export function download(route: Route, shown: Shown, around: Around): void {
  const columns = columnsOf(shown.rows, isComputed(route.board));
  const rows = sorted(found(shown.rows, route.q, around), columns, route.sort, around);
  const url = URL.createObjectURL(new Blob([csv(rows, shown.basis)], { type: "text/csv" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `${route.board.replaceAll("/", "-")}-r${shown.revision}.csv`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
