// From values to places on the screen, and where to put the ticks.

export interface Scale {
  (value: number): number;
  invert: (place: number) => number;
  ticks: number[];
  /** Ticks without a label, to show that the axis is logarithmic. */
  minor: number[];
}

type Pair = [from: number, to: number];

/** Least and greatest of what is given, or a pair to fall back to. */
export function extent(values: Iterable<number | undefined>, fallback: Pair): Pair {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === undefined || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : fallback;
}

/** Some room on both sides, as a share of the span. */
export function padded([low, high]: Pair, share: number): Pair {
  const room = (high - low || Math.abs(high) || 1) * share;
  return [low - room, high + room];
}

/** As `padded`, on a logarithmic axis. */
export function paddedLog([low, high]: Pair, share: number): Pair {
  const [from, to] = padded([Math.log10(low), Math.log10(high)], share);
  const least = 0.15;
  return to - from < 2 * least ? [10 ** (from - least), 10 ** (to + least)] : [10 ** from, 10 ** to];
}

function scale([d0, d1]: Pair, [r0, r1]: Pair, ticks: number[], minor: number[], into: (v: number) => number, out: (v: number) => number): Scale {
  const [a, b] = [into(d0), into(d1)];
  const place = (value: number) => r0 + ((into(value) - a) / (b - a || 1)) * (r1 - r0);
  return Object.assign(place, { invert: (at: number) => out(a + ((at - r0) / (r1 - r0 || 1)) * (b - a)), ticks, minor });
}

export function linear(domain: Pair, range: Pair, count: number): Scale {
  const same = (value: number) => value;
  return scale(domain, range, niceTicks(domain, count), [], same, same);
}

export function niceTicks([low, high]: Pair, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 5, 10].find((one) => one * size >= rough * 0.99) ?? 10);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}

export function log(domain: Pair, range: Pair, count: number): Scale {
  const [ticks, minor] = logTicks(domain, count);
  return scale(domain, range, ticks, minor, Math.log10, (power) => 10 ** power);
}

/** Powers of ten, with 2 and 5 between them where there is room; every second or third power where there is none. */
function logTicks([low, high]: Pair, count: number): [number[], number[]] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = Math.log10(high / low);
  const inside = (value: number) => value >= low * 0.999999 && value <= high * 1.000001;
  const steps = decades * 3 <= count ? [1, 2, 5] : decades * 2 <= count ? [1, 3] : [1];
  const every = Math.max(1, Math.ceil(decades / count));
  const ticks: number[] = [];
  const minor: number[] = [];
  for (let power = from; power <= to; power += 1) {
    for (let digit = 1; digit <= 9; digit += 1) {
      const value = Number((digit * 10 ** power).toPrecision(12));
      if (!inside(value)) continue;
      if (steps.includes(digit) && (digit > 1 || (power - from) % every === 0)) ticks.push(value);
      else minor.push(value);
    }
  }
  return ticks.length >= 2 ? [ticks, minor] : [niceTicks([low, high], Math.min(4, count)), minor];
}

const DAY_MS = 86_400_000;

/** Days since 1970 of an ISO date. */
export function day(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

export function dateOf(days: number): string {
  return new Date(Math.round(days) * DAY_MS).toISOString().slice(0, 10);
}

/** Days on the axis; ticks at the first of a month, a quarter or a year. */
export function time(domain: Pair, range: Pair, count: number): Scale {
  const months = (domain[1] - domain[0]) / 30.44;
  const step = [1, 2, 3, 6, 12, 24, 60].find((one) => months / one <= count) ?? 120;
  const ticks: number[] = [];
  const first = new Date(domain[0] * DAY_MS);
  for (let month = first.getUTCFullYear() * 12; ; month += step) {
    const tick = Date.UTC(Math.floor(month / 12), month % 12) / DAY_MS;
    if (tick > domain[1]) break;
    if (tick >= domain[0]) ticks.push(tick);
  }
  const same = (value: number) => value;
  return scale(domain, range, ticks, [], same, same);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function monthName(days: number): string {
  const date = new Date(days * DAY_MS);
  const month = date.getUTCMonth();
  return month === 0 ? String(date.getUTCFullYear()) : `${MONTHS[month]} ${date.getUTCFullYear()}`;
}
