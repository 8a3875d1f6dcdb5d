// Axes around a plot, as wide as the page allows.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Scale } from "./scale";

export interface Area {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The width there is, followed as it changes. */
export function useArea(): { box: { current: HTMLDivElement | null }; area: Area | undefined } {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const height = Math.round(Math.min(Math.max(width * 0.56, 330), Math.max(360, innerHeight - 330)));
  const narrow = width < 560;
  const area = width > 0 ? { width, height, left: narrow ? 56 : 64, right: width - (narrow ? 12 : 24), top: 26, bottom: height - 46 } : undefined;
  return { box, area };
}

interface Axes {
  area: Area;
  x: Scale;
  y: Scale;
  xText: (value: number) => string;
  yText: (value: number) => string;
  xLabel: string;
  yLabel: string;
  children: ComponentChildren;
}

export function Axes({ area, x, y, xText, yText, xLabel, yLabel, children }: Axes) {
  return (
    <>
      <g class="grid" aria-hidden="true">
        {x.minor.map((tick) => (
          <line key={`m${tick}`} class="minor" x1={x(tick)} x2={x(tick)} y1={area.bottom} y2={area.bottom + 3} />
        ))}
        {x.ticks.map((tick) => (
          <line key={tick} x1={x(tick)} x2={x(tick)} y1={area.top} y2={area.bottom} />
        ))}
        {y.ticks.map((tick) => (
          <line key={tick} x1={area.left} x2={area.right} y1={y(tick)} y2={y(tick)} />
        ))}
      </g>
      <g class="ticks" aria-hidden="true">
        {x.ticks.map((tick) => (
          <text key={tick} x={x(tick)} y={area.bottom + 18} text-anchor="middle">
            {xText(tick)}
          </text>
        ))}
        {y.ticks.map((tick) => (
          <text key={tick} x={area.left - 8} y={y(tick) + 4} text-anchor="end">
            {yText(tick)}
          </text>
        ))}
        <text class="axis" x={(area.left + area.right) / 2} y={area.height - 6} text-anchor="middle">
          {xLabel}
        </text>
        <text class="axis" x={area.left} y={area.top - 12} text-anchor="start">
          {yLabel}
        </text>
      </g>
      {children}
    </>
  );
}
