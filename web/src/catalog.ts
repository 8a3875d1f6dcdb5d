// Names of benchmarks and models. Read once, and again when something unknown appears.

import { useEffect, useState } from "preact/hooks";
import type { Benchmark, Model } from "./gen/frontier/v1/catalog_pb";
import { connect } from "./api";
import { onToken } from "./live/connection";
import { heldToken } from "./live/token";

/** Calls of this page; the watches are the shared connection's. */
export const clients = connect(heldToken);

export interface Catalog {
  benchmarks: Map<string, Benchmark>;
  models: Map<string, Model>;
  loaded: boolean;
  /** Loaded, or not to be had: nothing is to be waited for. */
  settled: boolean;
}

/** Pages of a thousand that are read at most: names are a comfort, ids do as well. */
const PAGES_MAX = 10;
/** Reading again waits this long, so that a burst of new models is one reading. */
const AGAIN_MS = 1_500;

let catalog: Catalog = { benchmarks: new Map(), models: new Map(), loaded: false, settled: false };
const listeners = new Set<() => void>();
let reading = false;
let again: ReturnType<typeof setTimeout> | undefined;

async function read(): Promise<void> {
  if (reading) return;
  reading = true;
  try {
    const [benchmarks, models] = await Promise.all([
      all(async (pageToken) => {
        const page = await clients.catalog.listBenchmarks({ pageSize: 1000, pageToken });
        return { items: page.benchmarks, next: page.nextPageToken };
      }),
      all(async (pageToken) => {
        const page = await clients.catalog.listModels({ pageSize: 1000, pageToken });
        return { items: page.models, next: page.nextPageToken };
      }),
    ]);
    catalog = {
      benchmarks: new Map(benchmarks.map((benchmark) => [benchmark.id, benchmark])),
      models: new Map(models.map((model) => [model.id, model])),
      loaded: true,
      settled: true,
    };
  } catch {
    // The watch says what is wrong; names are read again when a token is given or something unknown appears.
    catalog = { ...catalog, settled: true };
  } finally {
    reading = false;
    for (const listener of listeners) listener();
  }
}

async function all<T>(page: (token: string) => Promise<{ items: T[]; next: string }>): Promise<T[]> {
  const items: T[] = [];
  let token = "";
  for (let count = 0; count < PAGES_MAX; count += 1) {
    const answer = await page(token);
    items.push(...answer.items);
    token = answer.next;
    if (!token) break;
  }
  return items;
}

/** Asks for the catalog anew, soon. */
export function readAgain(): void {
  again ??= setTimeout(() => {
    again = undefined;
    void read();
  }, AGAIN_MS);
}

export function useCatalog(): Catalog {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = () => redraw((count) => count + 1);
    listeners.add(listener);
    if (!catalog.loaded) void read();
    const end = onToken(() => void read());
    return () => {
      listeners.delete(listener);
      end();
    };
  }, []);
  return catalog;
}

export function benchmarkName(catalog: Catalog, board: string): string {
  if (board === "overall") return "Overall";
  if (board.startsWith("suite/")) return `Suite: ${board.slice(6)}`;
  return catalog.benchmarks.get(board)?.title || board;
}

/** The title; a variant that has none of its own is told apart by its name. */
export function modelName(catalog: Catalog, id: string): string {
  const model = catalog.models.get(id);
  if (!model?.title) return id;
  const variant = model.inherited.includes("title") ? id.split("@")[1] : undefined;
  return variant ? `${model.title} (${variant})` : model.title;
}

/** Only what a browser can open without running anything. */
export function safeUrl(url: string): string | undefined {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : undefined;
  } catch {
    return undefined;
  }
}
