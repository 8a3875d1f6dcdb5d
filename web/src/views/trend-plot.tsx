// Cost against date: every offer, the declared curve through the reference, the curve fitted to the board.

import { useMemo } from "preact/hooks";
import type { GetTrendResponse, TrendPoint } from "../gen/frontier/v1/trend_pb";
import { Axes, useArea, type Area } from "../plot/frame";
import { placeLabels } from "../plot/labels";
import { dateOf, day, extent, log, monthName, padded, paddedLog, time, type Scale } from "../plot/scale";
import { go } from "../route";
import { hideCard, showCard } from "../ui/card";
import { Empty } from "../ui/parts";
import { BASIS, DATE_RULE, money, range, tickMoney } from "../words";

const YEAR_DAYS = 365.25;
/** How near the pointer must be to mean a point, pixels. */
const NEAR = 30;

interface Props {
  trend: GetTrendResponse;
  subject: string;
  name: (id: string) => string;
}

export function TrendPlot({ trend, subject, name }: Props) {
  const { box, area } = useArea();
  const drawn = trend.points.filter((point) => point.date && point.cost?.centralUsd !== undefined);
  return (
    <>
      <div ref={box} class="plot-box">
        {area && drawn.length > 0 && <Plot area={area} trend={trend} points={drawn} subject={subject} name={name} />}
        {drawn.length === 0 && (
          <Empty title="Nothing to draw on this basis">
            <p>No standing has both a cost and a date. Choose another cost above.</p>
          </Empty>
        )}
      </div>
      <figcaption>
        <ul class="legend">
          <li>
            <span class="swatch subject" aria-hidden="true" />
            {subject ? name(subject) : "Subject"}
          </li>
          <li>
            <span class="swatch reference" aria-hidden="true" />
            Reference
          </li>
          <li>
            <span class="swatch declared" aria-hidden="true" />
            Declared curve, with tolerance
          </li>
          {trend.curve.length > 0 && (
            <li>
              <span class="swatch fitted" aria-hidden="true" />
              Fitted curve, 90 % prediction
            </li>
          )}
          {(trend.priceToReach?.recordLows.length ?? 0) > 1 && (
            <li>
              <span class="swatch lows" aria-hidden="true" />
              Record lows
            </li>
          )}
        </ul>
      </figcaption>
    </>
  );
}

interface Declared {
  from: number;
  to: number;
  /** Expected cost on a day. */
  at: (days: number) => number;
  tolerance: number;
}

/** The declared curve from the reference on; absent where there is none. */
function declaredOf(trend: GetTrendResponse, last: number): Declared | undefined {
  const { reference, subject, curve, gap } = trend.declared ?? {};
  const cost = reference?.cost?.centralUsd;
  if (!reference?.date || cost === undefined || !subject?.date || !curve?.annualFactor) return undefined;
  const from = day(reference.date);
  const falls = curve.annualFactor;
  return { from, to: Math.max(last, day(subject.date)), at: (days) => cost / (falls ** ((days - from) / YEAR_DAYS) * (gap || 1)), tolerance: curve.tolerance ?? 1.25 };
}

function Plot({ area, trend, points, subject, name }: Props & { area: Area; points: TrendPoint[] }) {
  const { x, y, declared } = useMemo(() => {
    const dates = extent(points.map((point) => day(point.date)), [0, 1]);
    const x = time(padded(dates[0] === dates[1] ? [dates[0] - 30, dates[1] + 30] : dates, 0.04), [area.left, area.right], Math.max(3.5, area.width / 105));
    const declared = declaredOf(trend, dates[1]);
    const costs = points.flatMap(({ cost }) => [cost?.lowUsd, cost?.centralUsd, cost?.highUsd]);
    const curves = declared ? [declared.at(declared.from), declared.at(declared.to)] : [];
    const y = log(paddedLog(extent([...costs, ...curves], [1, 10]), 0.06), [area.bottom, area.top], area.height / 55);
    return { x, y, declared };
  }, [area.width, area.height, trend]);
  const reference = trend.declared?.reference;
  const kind = (point: TrendPoint): keyof typeof RANKING => (point.model === subject ? "subject" : reference && point.model === reference.model && point.date === reference.date ? "reference" : "other");
  const placed = points.map((point, index) => ({ point, index, kind: kind(point), x: x(day(point.date)), y: y(point.cost?.centralUsd ?? 1) }));
  placed.sort((a, b) => RANKING[a.kind] - RANKING[b.kind]);
  const few = points.length <= 24;
  const wanted = [...placed].reverse().filter((one) => few || one.kind !== "other");
  const labels = placeLabels(
    unique(wanted).map((one) => ({ key: `${one.point.model}/${one.point.date}`, text: name(one.point.model), x: one.x, y: one.y })),
    placed.map((one) => ({ x: one.x - 6, y: one.y - 6, width: 12, height: 12 })),
    { x: area.left + 2, y: area.top, width: area.right - area.left - 2, height: area.bottom - area.top - 2 },
  );
  const near = (event: MouseEvent) => {
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    const [left, top] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const distances = placed.map((one) => ({ one, far: (one.x - left) ** 2 + (one.y - top) ** 2 }));
    return distances.filter(({ far }) => far < NEAR ** 2).sort((a, b) => a.far - b.far)[0]?.one;
  };
  return (
    <svg
      width={area.width}
      height={area.height}
      role="img"
      aria-label={`Cost against date, ${points.length} offers. The findings beside it say the same in words.`}
      onPointerMove={(event) => {
        const one = near(event);
        const circle = one && event.currentTarget.querySelector(`[data-index="${one.index}"]`);
        if (one && circle) showCard(circle, <PointCard point={one.point} name={name} />);
        else hideCard();
      }}
      onPointerLeave={hideCard}
      onClick={(event) => {
        const one = near(event);
        if (one) go({ model: one.point.model });
      }}
    >
      <Axes area={area} x={x} y={y} xText={monthName} yText={tickMoney} xLabel="Date" yLabel={`${BASIS[trend.costBasis]}, US dollars, logarithmic`}>
        <clipPath id="inside">
          <rect x={area.left} y={area.top} width={area.right - area.left} height={area.bottom - area.top} />
        </clipPath>
        <g clip-path="url(#inside)">
          <FittedCurve trend={trend} x={x} y={y} />
          {declared && <DeclaredCurve curve={declared} x={x} y={y} />}
          <RecordLows trend={trend} x={x} y={y} area={area} />
        </g>
        <g class="offers">
          {placed.map(({ point, index, kind, x, y: top }) => (
            <g key={index} class={kind} data-index={index}>
              {point.cost && (point.cost.lowUsd !== undefined || point.cost.highUsd !== undefined) && (
                <line x1={x} x2={x} y1={y(point.cost.lowUsd ?? point.cost.centralUsd ?? 1)} y2={y(point.cost.highUsd ?? point.cost.centralUsd ?? 1)} />
              )}
              <circle cx={x} cy={top} r={kind === "other" ? (few ? 4 : 3) : 6} />
            </g>
          ))}
        </g>
        <g class="labels">
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

const RANKING = { other: 0, reference: 1, subject: 2 };

/** One label a model: at its newest offer. */
function unique<T extends { point: TrendPoint }>(all: T[]): T[] {
  const newest = new Map<string, T>();
  for (const one of all) {
    const held = newest.get(one.point.model);
    if (!held || held.point.date < one.point.date) newest.set(one.point.model, one);
  }
  return all.filter((one) => newest.get(one.point.model) === one);
}

function DeclaredCurve({ curve, x, y }: { curve: Declared; x: Scale; y: Scale }) {
  const { from, to, at, tolerance } = curve;
  const [left, right] = [x(from), x(to)];
  const band = `M${left} ${y(at(from) * tolerance)}L${right} ${y(at(to) * tolerance)}L${right} ${y(at(to) / tolerance)}L${left} ${y(at(from) / tolerance)}Z`;
  return (
    <>
      <path class="declared-band" d={band} />
      <path class="declared" d={`M${left} ${y(at(from))}L${right} ${y(at(to))}`} />
    </>
  );
}

function FittedCurve({ trend, x, y }: { trend: GetTrendResponse; x: Scale; y: Scale }) {
  if (trend.curve.length < 2) return null;
  const line = (of: (point: GetTrendResponse["curve"][number]) => number) => trend.curve.map((point) => `${x(day(point.date))} ${y(of(point))}`);
  const band = [...line((point) => point.highUsd), ...line((point) => point.lowUsd).reverse()];
  return (
    <>
      <path class="fitted-band" d={`M${band.join("L")}Z`} />
      <path class="fitted" d={`M${line((point) => point.expectedUsd).join("L")}`} />
    </>
  );
}

function RecordLows({ trend, x, y, area }: { trend: GetTrendResponse; x: Scale; y: Scale; area: Area }) {
  const lows = trend.priceToReach?.recordLows ?? [];
  const first = lows[0];
  if (!first || lows.length < 2) return null;
  const steps = lows.slice(1).map((low) => `H${x(day(low.date))}V${y(low.cost?.centralUsd ?? 1)}`);
  return <path class="lows" d={`M${x(day(first.date))} ${y(first.cost?.centralUsd ?? 1)}${steps.join("")}H${area.right}`} />;
}

function PointCard({ point, name }: { point: TrendPoint; name: (id: string) => string }) {
  return (
    <>
      <h3>{name(point.model)}</h3>
      <dl>
        <dt>Cost</dt>
        <dd>
          {money(point.cost?.centralUsd)} <i>{range(point.cost?.lowUsd, point.cost?.highUsd, money)}</i>
        </dd>
        <dt>Date</dt>
        <dd>
          {dateOf(day(point.date))} <i>{DATE_RULE[point.dateRule]}</i>
        </dd>
        {point.score !== undefined && (
          <>
            <dt>Score</dt>
            <dd>{point.score}</dd>
          </>
        )}
      </dl>
    </>
  );
}
