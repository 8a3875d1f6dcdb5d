// Numbers and names as people read them.

import { EventKind, type Standing } from "./gen/frontier/v1/leaderboard_pb";
import { CostBasis, CostKind, DateRule, EvaluatorRelationship, IntervalSource, Status, Verdict, type BasisCost } from "./gen/frontier/v1/types_pb";
import type { Item } from "./live/feed";

export const NONE = "–";

/** Three significant digits, grouped or with a suffix where large. */
export function money(usd: number | undefined): string {
  if (usd === undefined) return NONE;
  for (const [size, suffix] of [[1e9, "B"], [1e6, "M"], [1e4, "K"]] as const) {
    const unit = size === 1e4 ? 1e3 : size;
    if (Math.abs(usd) >= size * 0.9995) return `$${digits(usd / unit)}${suffix}`;
  }
  if (Math.abs(usd) >= 999.5) return `$${Math.round(usd).toLocaleString("en-US")}`;
  return `$${digits(usd)}`;
}

/** Money on an axis: no digit that says nothing. */
export function tickMoney(usd: number): string {
  return money(usd).replace(/(\.\d*?)0+(?=\D*$)/, "$1").replace(/\.(?=\D*$)/, "");
}

/** Three significant digits, never in powers of ten unless very small. */
export function digits(value: number, significant = 3): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 10 ** significant) return Math.round(value).toLocaleString("en-US");
  if (size < 1e-6) return value.toExponential(significant - 1);
  return value.toPrecision(significant);
}

export function factor(value: number | undefined): string {
  if (value === undefined) return NONE;
  return `${value >= 10_000 ? digits(value) : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.095 ? value.toFixed(2) : digits(value, 2)}×`;
}

export function plain(value: number | undefined): string {
  if (value === undefined) return NONE;
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : digits(value);
}

/** Decimals that the scores of a board need, at most three, so that they stand under each other. */
export function decimals(values: Iterable<number>, unit: string): number {
  if (unit === "WIN_RATE") return 3;
  let needed = 0;
  for (const value of values) {
    while (needed < 3 && Math.abs(value * 10 ** needed - Math.round(value * 10 ** needed)) > 1e-6 * 10 ** needed) needed += 1;
    if (needed === 3) break;
  }
  return needed;
}

/** The unit as it stands behind a score; in front for money. */
export function unitSuffix(unit: string): string {
  switch (unit) {
    case "PERCENT":
      return "%";
    case "SECONDS":
      return " s";
    case "USD":
    case "FRACTION":
    case "WIN_RATE":
    case "":
      return "";
    default:
      // A long one is said once, above the table.
      return unit.length > 3 ? "" : ` ${unit}`;
  }
}

export function unitName(unit: string): string {
  return { PERCENT: "percent", FRACTION: "fraction", USD: "US dollars", SECONDS: "seconds", WIN_RATE: "mean win rate" }[unit] ?? unit.toLowerCase();
}

/** Years as people say them. */
export function span(years: number): string {
  const days = years * 365.25;
  if (days < 60) return plural(Math.round(days), "day");
  if (years < 2) return plural(Math.round(years * 12), "month");
  return `${years.toFixed(1)} years`;
}

export function ordinal(rank: number): string {
  const tens = rank % 100;
  const suffix = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][rank % 10] ?? "th");
  return `${rank}${suffix}`;
}

export function plural(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${Number(count) === 1 ? one : many}`;
}

export const BASIS: Record<CostBasis, string> = {
  [CostBasis.UNSPECIFIED]: "cost",
  [CostBasis.TASK]: "cost per task",
  [CostBasis.TOKEN_PRICE]: "price per million tokens",
  [CostBasis.TRAINING]: "training cost",
};

export const BASIS_SHORT: Record<CostBasis, string> = {
  [CostBasis.UNSPECIFIED]: "Cost",
  [CostBasis.TASK]: "$ / task",
  [CostBasis.TOKEN_PRICE]: "$ / M tokens",
  [CostBasis.TRAINING]: "$ training",
};

export const KIND: Record<CostKind, string> = {
  [CostKind.UNSPECIFIED]: "reported",
  [CostKind.MEASURED]: "measured",
  [CostKind.REPORTED]: "reported",
  [CostKind.ESTIMATED]: "estimated",
  [CostKind.DERIVED]: "derived",
};

export const RELATIONSHIP: Record<EvaluatorRelationship, string> = {
  [EvaluatorRelationship.UNSPECIFIED]: "other",
  [EvaluatorRelationship.FIRST_PARTY]: "first party",
  [EvaluatorRelationship.THIRD_PARTY]: "third party",
  [EvaluatorRelationship.COLLABORATIVE]: "collaborative",
  [EvaluatorRelationship.OTHER]: "other",
};

export const STATUS: Record<Status, string> = {
  [Status.UNSPECIFIED]: "unknown",
  [Status.ACTIVE]: "active",
  [Status.DISPUTED]: "disputed",
  [Status.RETRACTED]: "retracted",
};

export const VERDICT: Record<Verdict, string> = {
  [Verdict.UNSPECIFIED]: "",
  [Verdict.AHEAD]: "ahead",
  [Verdict.ON_TREND]: "on trend",
  [Verdict.BEHIND]: "behind",
  [Verdict.WITHIN_INTERVAL]: "within interval",
  [Verdict.FIRST_TO_REACH]: "first to reach",
  [Verdict.NO_COSTED_REFERENCE]: "no reference",
  [Verdict.NO_COST]: "no cost",
  [Verdict.NO_DATE]: "no date",
  [Verdict.INSUFFICIENT_DATA]: "too little data",
  [Verdict.NOT_ON_FRONTIER]: "not on frontier",
};

export const DATE_RULE: Record<DateRule, string> = {
  [DateRule.UNSPECIFIED]: "no date",
  [DateRule.TRAINING_DATE]: "date of training",
  [DateRule.RELEASE_DATE]: "release date",
  [DateRule.PRICE_EFFECTIVE]: "day the price took effect",
  [DateRule.OBSERVED_DATE]: "day it was measured",
  [DateRule.GIVEN]: "given",
};

export const INTERVAL: Record<IntervalSource, string> = {
  [IntervalSource.UNSPECIFIED]: "",
  [IntervalSource.REPORTED]: "as reported",
  [IntervalSource.STANDARD_ERROR]: "from the standard error",
  [IntervalSource.DERIVED]: "Wilson interval over the questions",
};

export function costOn(row: Standing, basis: CostBasis | undefined): BasisCost | undefined {
  return row.costs.find((cost) => cost.basis === basis);
}

/** `$20.0M – $50.0M`, with what is not known left open. */
export function range(low: number | undefined, high: number | undefined, say: (value: number) => string): string {
  if (low === undefined && high === undefined) return "";
  if (low === undefined) return `up to ${say(high as number)}`;
  if (high === undefined) return `from ${say(low)}`;
  return `${say(low)} – ${say(high)}`;
}

/** `$0.14–0.21`, for under a figure. */
export function briefRange(low: number | undefined, high: number | undefined): string {
  const brief = (value: number) => (value >= 99.5 ? money(value) : `$${digits(value, 2)}`);
  return range(low, high, brief).replace(" – $", "–");
}

type Name = (id: string) => string;

/** A named event in a sentence. */
export function sentence({ event, all, board }: Item, model: Name, benchmark: Name): string {
  const who = model(event.model);
  const other = event.otherModel ? model(event.otherModel) : "";
  const where = benchmark(board);
  switch (event.kind) {
    case EventKind.LEADER_CHANGED:
      return other ? `${who} takes the lead on ${where} from ${other}` : `${who} is the first to lead ${where}`;
    case EventKind.OVERTAKEN: {
      if (all.length > 1) return `${other} overtakes ${plural(all.length, "model")} on ${where}: ${names(all.map((one) => model(one.model)))}`;
      const ranks = event.rankBefore && event.rankAfter ? `: ${who} falls from ${ordinal(event.rankBefore)} to ${ordinal(event.rankAfter)}` : "";
      return `${other} overtakes ${who} on ${where}${ranks}${event.separated === false ? ", within the uncertainty" : ""}`;
    }
    case EventKind.FRONTIER_ENTERED:
      return `${who} enters the Pareto frontier of ${where} (${BASIS[event.costBasis]})`;
    case EventKind.FRONTIER_LEFT:
      return `${who} leaves the Pareto frontier of ${where} (${BASIS[event.costBasis]})`;
    case EventKind.CHEAPER_ALTERNATIVE:
      return `${other} is now a cheaper alternative to ${who} on ${where}${event.savingUsd === undefined ? "" : `, saving ${money(event.savingUsd)}`}`;
    case EventKind.VERDICT:
      return `${who} on ${where}: ${verdictPhrase(event.verdict)} (${BASIS[event.costBasis]})`;
    case EventKind.DISPUTED:
      return `The result of ${who} on ${where} is disputed`;
    case EventKind.RETRACTED:
      return `A result of ${who} on ${where} was retracted`;
    case EventKind.PRICE_CHANGED:
      return `The price of ${who} changed from ${money(event.priceBeforeUsdPerMtok)} to ${money(event.priceAfterUsdPerMtok)} per million tokens (${where})`;
    default:
      return `${who} on ${where}`;
  }
}

export function verdictPhrase(verdict: Verdict): string {
  switch (verdict) {
    case Verdict.AHEAD:
      return "cheaper than the trend";
    case Verdict.ON_TREND:
      return "on the cost trend";
    case Verdict.BEHIND:
      return "dearer than the trend";
    case Verdict.WITHIN_INTERVAL:
      return "within what the fitted trend allows";
    case Verdict.FIRST_TO_REACH:
      return "first to reach this score";
    case Verdict.NO_COSTED_REFERENCE:
      return "nobody earlier reached this score with a known cost";
    case Verdict.NO_COST:
      return "no cost is known";
    case Verdict.NO_DATE:
      return "no date is known";
    case Verdict.INSUFFICIENT_DATA:
      return "too little data for a fit";
    case Verdict.NOT_ON_FRONTIER:
      return "not on the frontier when it appeared";
    default:
      return "no verdict";
  }
}

function names(all: string[]): string {
  const shown = all.slice(0, 3);
  const more = all.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
