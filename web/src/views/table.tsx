// The rows of a board. Rows move to their new places, and what changed is marked for some seconds.

import { memo } from "preact/compat";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import type { Mark } from "../live/board";
import { go } from "../route";
import { hideCard, showCard } from "../ui/card";
import type { Around, Column } from "./columns";
import { RowCard } from "./card";

const MOVE_MS = 450;

interface Props {
  rows: Standing[];
  columns: Column[];
  around: Around;
  marks: Map<string, Mark>;
  sort: string;
  caption: string;
}

export function Table({ rows, columns, around, marks, sort, caption }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  useMoves(body, rows);
  const chosen = sort.replace("-", "") || "rank";
  const byModel = new Map(rows.map((row) => [row.model, row]));
  const point = (event: Event) => {
    const cell = (event.target as Element).closest?.("td");
    const row = byModel.get(cell?.parentElement?.dataset.model ?? "");
    if (!cell?.dataset.hint || !row) return hideCard();
    showCard(cell.querySelector("button") ?? cell, <RowCard row={row} around={around} about={cell.dataset.hint} />);
  };
  return (
    <div class="table-box" onKeyDown={walk}>
      <table class="board" onMouseOver={point} onFocusIn={point} onMouseLeave={hideCard} onFocusOut={hideCard}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const is = chosen === column.key;
              const descending = is && sort.startsWith("-");
              return (
                <th key={column.key} scope="col" class={`${column.class ?? ""} ${column.numeric ? "number" : ""}`} aria-sort={is ? (descending ? "descending" : "ascending") : "none"}>
                  <button type="button" title={column.help} onClick={() => go({ sort: next(column, is, descending) }, "replace")}>
                    {column.label(around)}
                    <span class="arrow" aria-hidden="true">
                      {is ? (descending ? "▾" : "▴") : ""}
                    </span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row) => (
            <Row key={row.model} row={row} columns={columns} around={around} mark={marks.get(row.model)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function next(column: Column, is: boolean, descending: boolean): string {
  const first = column.descends ? `-${column.key}` : column.key;
  const second = column.descends ? column.key : `-${column.key}`;
  const to = is && descending === column.descends ? second : first;
  return to === "rank" ? "" : to;
}

const Row = memo(function Row({ row, columns, around, mark }: { row: Standing; columns: Column[]; around: Around; mark: Mark | undefined }) {
  const changed = (key: string) => (key === "score" && mark?.score) || (key === "cost" && mark?.cost) || (key === "frontier" && mark?.frontier);
  return (
    <tr data-model={row.model} class={mark ? (mark.isNew ? "marked is-new" : mark.moved > 0 ? "marked is-up" : mark.moved < 0 ? "is-down" : "marked") : undefined}>
      {columns.map((column) => (
        <td key={column.key} data-column={column.key} data-hint={column.hint ? column.key : undefined} class={`${column.class ?? ""} ${column.numeric ? "number" : ""} ${changed(column.key) ? "changed" : ""}`}>
          {column.cell(row, around, mark)}
        </td>
      ))}
    </tr>
  );
});

/** Slides rows from where they were to where they are. */
function useMoves(body: { current: HTMLTableSectionElement | null }, rows: Standing[]): void {
  const places = useRef(new Map<string, number>());
  const order = rows.map((row) => row.model).join("\n");
  useLayoutEffect(() => {
    const before = places.current;
    const now = new Map<string, number>();
    const elements = [...(body.current?.children ?? [])] as HTMLElement[];
    for (const element of elements) now.set(element.dataset.model ?? "", element.offsetTop);
    places.current = now;
    if (before.size === 0 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const top = scrollY - innerHeight;
    const bottom = scrollY + 2 * innerHeight;
    for (const element of elements) {
      const model = element.dataset.model ?? "";
      const was = before.get(model);
      const is = now.get(model) ?? 0;
      if (is < top || is > bottom) continue;
      if (was === undefined) element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: MOVE_MS });
      else if (was !== is) {
        const frames = [{ transform: `translateY(${was - is}px)` }, { transform: "none" }];
        element.animate(frames, { duration: MOVE_MS, easing: "cubic-bezier(.2,.8,.2,1)" });
      }
    }
  }, [order]);
}

/** Up and down go from row to row, within the column. */
function walk(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const from = document.activeElement?.closest("td");
  const row = from?.parentElement;
  const to = (event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling) as HTMLTableRowElement | null;
  const target = from && to?.cells[from.cellIndex]?.querySelector<HTMLElement>("a, button");
  if (!target) return;
  event.preventDefault();
  target.focus();
}
