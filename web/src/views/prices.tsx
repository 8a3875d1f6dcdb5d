// List prices over time: each holds until the next of the same provider.

import type { Price } from "../gen/frontier/v1/catalog_pb";
import { Axes, useArea, type Area } from "../plot/frame";
import { day, extent, log, monthName, padded, paddedLog, time } from "../plot/scale";
import { Source } from "../ui/parts";
import { money, tickMoney } from "../words";

interface Line {
  key: string;
  label: string;
  kind: "input" | "output";
  points: [number, number][];
}

function linesOf(prices: Price[]): Line[] {
  const lines = new Map<string, Line>();
  for (const price of prices.filter((one) => !one.withdrawn)) {
    for (const kind of ["input", "output"] as const) {
      const usd = kind === "input" ? price.inputUsdPerMtok : price.outputUsdPerMtok;
      if (usd === undefined || usd <= 0) continue;
      const key = `${price.provider} ${kind}`;
      const line = lines.get(key) ?? { key, label: key, kind, points: [] };
      line.points.push([day(price.effectiveDate), usd]);
      lines.set(key, line);
    }
  }
  for (const { points } of lines.values()) points.sort((a, b) => a[0] - b[0]);
  return [...lines.values()];
}

export function PriceHistory({ prices }: { prices: Price[] }) {
  const { box, area } = useArea();
  if (prices.length === 0) return <p class="muted">No list price is known.</p>;
  const lines = linesOf(prices);
  const changes = new Set(prices.map((price) => price.effectiveDate)).size;
  return (
    <>
      <div ref={box} class={changes > 1 ? "price-box" : undefined}>
        {area && changes > 1 && <Plot area={{ ...area, height: 220, bottom: 220 - 46 }} lines={lines} />}
      </div>
      <div class="scroll" tabIndex={0} role="group" aria-label="List prices">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Provider</th>
              <th scope="col" class="number">
                Input
              </th>
              <th scope="col" class="number">
                Cache read
              </th>
              <th scope="col" class="number">
                Output
              </th>
              <th scope="col">Status</th>
              <th scope="col">Source</th>
            </tr>
          </thead>
          <tbody>
            {[...prices]
              .sort((a, b) => (a.effectiveDate < b.effectiveDate ? 1 : -1))
              .map((price) => (
                <tr key={`${price.provider}/${price.effectiveDate}`} class={price.withdrawn ? "retracted" : undefined}>
                  <th scope="row">{price.effectiveDate}</th>
                  <td>{price.provider}</td>
                  <td class="number">{money(price.inputUsdPerMtok)}</td>
                  <td class="number">{money(price.cacheReadUsdPerMtok)}</td>
                  <td class="number">{money(price.outputUsdPerMtok)}</td>
                  <td>
                    {price.withdrawn ? <span class="tag bad">withdrawn</span> : price.inForce ? <span class="tag good">in force</span> : <span class="muted">{day(price.effectiveDate) > Date.now() / 86_400_000 ? "announced" : "earlier"}</span>}
                    {price.inherited && <span class="tag">inherited</span>}
                  </td>
                  <td>
                    <Source url={price.sourceUrl} label={`Source of the price from ${price.effectiveDate}`} />
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
      <p class="note">US dollars per million tokens.</p>
    </>
  );
}

function Plot({ area, lines }: { area: Area; lines: Line[] }) {
  const today = Date.now() / 86_400_000;
  const dates = extent([...lines.flatMap((line) => line.points.map(([at]) => at)), today], [0, 1]);
  const x = time(padded(dates, 0.03), [area.left, area.right], area.width / 110);
  const y = log(paddedLog(extent(lines.flatMap((line) => line.points.map(([, usd]) => usd)), [1, 10]), 0.12), [area.bottom, area.top], 5);
  return (
    <svg width={area.width} height={area.height} role="img" aria-label="Price history; the table below has the same figures">
      <Axes area={area} x={x} y={y} xText={monthName} yText={tickMoney} xLabel="" yLabel="US dollars per million tokens, logarithmic">
        {lines.map(({ key, kind, points }) => {
          const first = points[0];
          if (!first) return null;
          const steps = points.slice(1).map(([at, usd]) => `H${x(at)}V${y(usd)}`);
          return (
            <g key={key} class={`price ${kind}`}>
              <path d={`M${x(first[0])} ${y(first[1])}${steps.join("")}H${x(Math.max(today, dates[1]))}`} />
              {points.map(([at, usd]) => (
                <circle key={at} cx={x(at)} cy={y(usd)} r={3.5} />
              ))}
              <text x={x(first[0])} y={y(first[1]) - 7}>
                {key}
              </text>
            </g>
          );
        })}
      </Axes>
    </svg>
  );
}
