// Cost against score: everybody, how sure that is, and the frontier.

import { useMemo, useState } from "preact/hooks";
import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import { CostBasis } from "../gen/frontier/v1/types_pb";
import type { Shown } from "../live/rows";
import { Axes, useArea, type Area } from "../plot/frame";
import { placeLabels, type Box } from "../plot/labels";
import { extent, linear, log, padded, paddedLog } from "../plot/scale";
import { go, link } from "../route";
import { hideCard, showCard } from "../ui/card";
import { Empty } from "../ui/parts";
import { BASIS, costOn, money, plural, tickMoney, unitName } from "../words";
import { RowCard } from "./card";
import { scoreText, type Around } from "./columns";

/** Organizations with a colour of their own. */
const COLOURS = 7;
/** How near the pointer must be to mean a point, pixels. */
const NEAR = 36;

interface Point {
  row: Standing;
  x: number;
  y: number;
  cost: [number, number] | undefined;
  score: [number, number] | undefined;
  colour: string;
}

export function ChartView({ shown, around, higherIsBetter }: { shown: Shown; around: Around; higherIsBetter: boolean }) {
  const { box, area } = useArea();
  const costed = shown.rows.filter((row) => costOn(row, around.basis));
  const without = shown.rows.length - costed.length;
  const colours = useMemo(() => coloursOf(costed), [shown.rows]);
  return (
    <figure class="plot">
      <div ref={box} class="plot-box">
        {area && costed.length > 0 && <Plot area={area} rows={costed} around={around} colours={colours} higherIsBetter={higherIsBetter} />}
        {costed.length === 0 && (
          <Empty title="No costs on this basis">
            <p>Choose another cost above, or submit results with their cost: a missing cost is not drawn as zero.</p>
          </Empty>
        )}
      </div>
      <figcaption>
        <ul class="legend">
          {[...colours].map(([organization, colour]) => (
            <li key={organization}>
              <span class={`swatch ${colour}`} aria-hidden="true" />
              {organization}
            </li>
          ))}
          <li>
            <span class="swatch stair" aria-hidden="true" />
            Pareto frontier
          </li>
        </ul>
        {without > 0 && <p class="note">{plural(without, "model")} without a cost on this basis {without === 1 ? "is" : "are"} not drawn.</p>}
      </figcaption>
    </figure>
  );
}

/** The organizations with most models, each with a colour; the same board gives the same colours. */
function coloursOf(rows: Standing[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.organization || "unknown", (counts.get(row.organization || "unknown") ?? 0) + 1);
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const colours = new Map(ordered.slice(0, COLOURS).map(([name], index) => [name, `c${index}`]));
  if (ordered.length > COLOURS) colours.set("others", "c-other");
  return colours;
}

function Plot({ area, rows, around, colours, higherIsBetter }: { area: Area; rows: Standing[]; around: Around; colours: Map<string, string>; higherIsBetter: boolean }) {
  const [at, setAt] = useState<string>();
  const { x, y, points } = useMemo(() => layout(area, rows, around, colours, higherIsBetter), [area.width, area.height, rows, around, colours, higherIsBetter]);
  const frontier = points.filter(({ row }) => row.onFrontier).sort((a, b) => a.x - b.x);
  const labels = useMemo(() => labelsOf(points, frontier, around, area), [points]);
  const active = points.find(({ row }) => row.model === at);
  const show = (point: Point | undefined, element: Element | null) => {
    setAt(point?.row.model);
    if (point && element) showCard(element, <RowCard row={point.row} around={around} about="point" />);
    else hideCard();
  };
  const pointAt = (event: PointerEvent | MouseEvent) => {
    const svg = event.currentTarget as SVGSVGElement;
    const bounds = svg.getBoundingClientRect();
    return nearest(points, event.clientX - bounds.left, event.clientY - bounds.top);
  };
  const dense = points.length > 60;
  return (
    <svg
      width={area.width}
      height={area.height}
      role="group"
      aria-label={`Cost against score, ${plural(points.length, "model")}. Left and right arrows go from point to point.`}
      class={at ? "pointing" : undefined}
      onPointerMove={(event) => {
        const point = pointAt(event);
        show(point, point ? event.currentTarget.querySelector(`[data-model="${CSS.escape(point.row.model)}"]`) : null);
      }}
      onPointerLeave={() => show(undefined, null)}
      onClick={(event) => {
        const point = pointAt(event);
        if (!point) return;
        event.preventDefault();
        hideCard();
        go({ view: "model", model: point.row.model, with: "" });
      }}
    >
      <Axes
        area={area}
        x={x}
        y={y}
        xText={tickMoney}
        yText={(value) => scoreText(value, { unit: around.unit, decimals: stepDecimals(y.ticks) })}
        xLabel={`${BASIS[around.basis ?? CostBasis.UNSPECIFIED]}, US dollars, logarithmic`}
        yLabel={`Score, ${unitName(around.unit)}${higherIsBetter ? "" : " (less is better)"}`}
      >
        <Staircase frontier={frontier} area={area} />
        <g class={`errors ${dense ? "dense" : ""}`} aria-hidden="true">
          {points.map(({ row, x, y, cost, score, colour }) => (
            <g key={row.model} class={colour}>
              {score && <line x1={x} x2={x} y1={score[0]} y2={score[1]} />}
              {cost && <line x1={cost[0]} x2={cost[1]} y1={y} y2={y} />}
            </g>
          ))}
        </g>
        <Points points={points} around={around} show={show} at={at} dense={dense} />
        {active && <circle class="ring" cx={active.x} cy={active.y} r={10} />}
        <g class="labels" aria-hidden="true">
          {labels.map(({ key, text, x, y, box, leads }) => (
            <g key={key}>
              {leads && <line x1={x} y1={y} x2={Math.min(Math.max(x, box.x), box.x + box.width)} y2={box.y > y ? box.y : box.y + box.height} />}
              <text x={box.x + 2} y={box.y + 11.5}>
                {text}
              </text>
            </g>
          ))}
        </g>
      </Axes>
    </svg>
  );
}

function stepDecimals(ticks: number[]): number {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  return step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step)));
}

function layout(area: Area, rows: Standing[], around: Around, colours: Map<string, string>, higherIsBetter: boolean) {
  const costs = rows.flatMap((row) => {
    const cost = costOn(row, around.basis);
    return [cost?.lowUsd, cost?.centralUsd, cost?.highUsd];
  });
  const scores = rows.flatMap((row) => [row.score, row.interval?.low, row.interval?.high]);
  const x = log(paddedLog(extent(costs, [1, 10]), 0.07), [area.left, area.right], area.width / 95);
  const vertical: [number, number] = higherIsBetter ? [area.bottom, area.top] : [area.top, area.bottom];
  const y = linear(padded(extent(scores, [0, 1]), 0.05), vertical, area.height / 60);
  const points = rows.map((row): Point => {
    const cost = costOn(row, around.basis);
    const central = cost?.centralUsd ?? 1;
    const ranged = cost?.lowUsd !== undefined || cost?.highUsd !== undefined;
    return {
      row,
      x: x(central),
      y: y(row.score),
      cost: ranged ? [x(cost?.lowUsd ?? central), x(cost?.highUsd ?? central)] : undefined,
      score: row.interval && [y(row.interval.low), y(row.interval.high)],
      colour: colours.get(row.organization || "unknown") ?? "c-other",
    };
  });
  // Those on the frontier are drawn last, above the others.
  points.sort((a, b) => Number(a.row.onFrontier) - Number(b.row.onFrontier) || a.x - b.x);
  return { x, y, points };
}

function labelsOf(points: Point[], frontier: Point[], around: Around, area: Area) {
  const few = points.length <= 24;
  const wanted = [...frontier].reverse().concat(few ? points.filter(({ row }) => !row.onFrontier) : []);
  const dot = ({ x, y }: Point): Box => ({ x: x - 5, y: y - 5, width: 10, height: 10 });
  const obstacles = (few ? points : frontier).map(dot);
  for (const { x, y, score, cost } of few ? points : frontier) {
    if (score) obstacles.push({ x: x - 1, y: Math.min(...score), width: 2, height: Math.abs(score[0] - score[1]) });
    if (cost) obstacles.push({ x: Math.min(...cost), y: y - 1, width: Math.abs(cost[0] - cost[1]), height: 2 });
  }
  for (const [index, point] of frontier.entries()) {
    const to = frontier[index + 1] ?? { x: area.right, y: point.y };
    obstacles.push({ x: point.x, y: point.y - 1, width: to.x - point.x, height: 2 }, { x: to.x - 1, y: Math.min(to.y, point.y), width: 2, height: Math.abs(point.y - to.y) });
  }
  const bounds = { x: area.left + 2, y: area.top, width: area.right - area.left - 2, height: area.bottom - area.top - 2 };
  return placeLabels(
    wanted.map(({ row, x, y }) => ({ key: row.model, text: around.name(row.model), x, y })),
    obstacles,
    bounds,
    few ? [] : points.filter(({ row }) => !row.onFrontier).map(dot),
  );
}

/** What the board offers at best for each cost: level until the next better one. */
function Staircase({ frontier, area }: { frontier: Point[]; area: Area }) {
  const first = frontier[0];
  if (!first) return null;
  const steps = frontier.slice(1).map(({ x, y }) => `H${x}V${y}`);
  const line = `M${first.x} ${first.y}${steps.join("")}H${area.right}`;
  return (
    <g aria-hidden="true">
      <path class="beaten" d={`${line}V${area.bottom}H${first.x}Z`} />
      <path class="stair" d={line} />
    </g>
  );
}

function nearest(points: Point[], x: number, y: number): Point | undefined {
  let best: Point | undefined;
  let least = NEAR ** 2;
  for (const point of points) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance <= least) [best, least] = [point, distance];
  }
  return best;
}

function Points({ points, around, show, at, dense }: { points: Point[]; around: Around; show: (point: Point | undefined, element: Element | null) => void; at: string | undefined; dense: boolean }) {
  const byCost = [...points].sort((a, b) => a.x - b.x);
  const current = at && points.some(({ row }) => row.model === at) ? at : byCost[0]?.row.model;
  const step = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const index = byCost.findIndex(({ row }) => row.model === (event.currentTarget as Element).getAttribute("data-model"));
    const to = byCost[index + by];
    const svg = (event.currentTarget as Element).closest("svg");
    if (to) svg?.querySelector<SVGAElement>(`[data-model="${CSS.escape(to.row.model)}"]`)?.focus();
  };
  return (
    <g class="points">
      {points.map((point) => {
        const { row, x, y, colour } = point;
        const cost = costOn(row, around.basis);
        return (
          <a
            key={row.model}
            class={`${colour} ${row.onFrontier ? "on" : ""}`}
            data-model={row.model}
            href={link({ view: "model", model: row.model, with: "" })}
            tabIndex={row.model === current ? 0 : -1}
            aria-label={`${around.name(row.model)}: ${scoreText(row.score, around)} for ${money(cost?.centralUsd)}${row.onFrontier ? ", on the frontier" : ""}`}
            onFocus={(event) => show(point, event.currentTarget)}
            onBlur={() => show(undefined, null)}
            onKeyDown={step}
          >
            <circle cx={x} cy={y} r={row.onFrontier ? 5.5 : dense ? 3.5 : 4.5} />
          </a>
        );
      })}
    </g>
  );
}
