// What is shown stands in the URL, so that a view can be shared, kept as a bookmark, and gone back to.

import { useEffect, useState } from "preact/hooks";

/** Parts of a URL; an absent part has its default. */
export interface Route {
  view: "board" | "chart" | "trend" | "model" | "compare" | "feed";
  board: string;
  /** TASK, TOKEN_PRICE or TRAINING; empty = the board's default. */
  basis: string;
  /** Column, with a leading `-` for descending; empty = by rank. */
  sort: string;
  q: string;
  org: string[];
  open: string;
  tag: string[];
  since: string;
  best: string;
  rel: string[];
  undisputed: string;
  /** A date of the past; empty = live. */
  asof: string;
  /** A revision of the past; empty = head. */
  rev: string;
  model: string;
  /** The second model of a comparison; the reference of a trend. */
  with: string;
  /** Which standings a trend fits: empty or `frontier`. */
  fit: string;
}

const NONE: Route = {
  view: "board",
  board: "overall",
  basis: "",
  sort: "",
  q: "",
  org: [],
  open: "",
  tag: [],
  since: "",
  best: "",
  rel: [],
  undisputed: "",
  asof: "",
  rev: "",
  model: "",
  with: "",
  fit: "",
};
const VIEWS: readonly string[] = ["board", "chart", "trend", "model", "compare", "feed"];

export function parse(search: string): Route {
  const given = new URLSearchParams(search);
  const route: Record<string, unknown> = { ...NONE };
  for (const [name, none] of Object.entries(NONE)) {
    if (!given.has(name)) continue;
    route[name] = Array.isArray(none) ? given.getAll(name) : (given.get(name) ?? none);
  }
  if (!VIEWS.includes(route.view as string)) route.view = "board";
  return route as unknown as Route;
}

export function href(route: Route): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(route)) {
    const none = NONE[name as keyof Route];
    if (Array.isArray(value)) for (const one of value) said.append(name, one);
    else if (value !== none && value !== "") said.set(name, value);
  }
  const text = said.toString().replaceAll("%2F", "/").replaceAll("%40", "@");
  return text ? `/?${text}` : "/";
}

const listeners = new Set<() => void>();
let current = typeof location === "undefined" ? NONE : parse(location.search);

function changed(): void {
  current = parse(location.search);
  for (const listener of listeners) listener();
}

/** Goes to a view. What is typed or slid along replaces the entry in the history instead of adding one. */
export function go(change: Partial<Route>, how: "push" | "replace" = "push"): void {
  const to = href({ ...current, ...change });
  if (to === location.pathname + location.search) return;
  history[how === "push" ? "pushState" : "replaceState"](null, "", to);
  changed();
}

/** The URL of this view with parts changed. */
export function link(change: Partial<Route>): string {
  return href({ ...current, ...change });
}

export function useRoute(): Route {
  const [route, set] = useState(current);
  useEffect(() => {
    const listener = () => set(current);
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return route;
}

/** Follows links to ourselves without loading anything. */
export function intercept(): void {
  addEventListener("popstate", changed);
  addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element | null)?.closest?.("a");
    const to = anchor?.getAttribute("href");
    if (!anchor || !to?.startsWith("/") || to.startsWith("//") || anchor.hasAttribute("download") || anchor.getAttribute("target")) return;
    event.preventDefault();
    history.pushState(null, "", to);
    changed();
    scrollTo(0, 0);
  });
}
