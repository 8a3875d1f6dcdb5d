// What is shown of a board: which one, on which cost, of whom, and when.

import { useEffect, useRef } from "preact/hooks";
import { benchmarkName, type Catalog } from "../catalog";
import { CostBasis, EvaluatorRelationship } from "../gen/frontier/v1/types_pb";
import { isComputed, isPast, type Shown } from "../live/rows";
import { go, link, type Route } from "../route";
import { RELATIONSHIP } from "../words";
import type { Around } from "./columns";
import { download } from "./csv";

export function Toolbar({ route, catalog, shown, around }: { route: Route; catalog: Catalog; shown: Shown; around: Around }) {
  return (
    <div class="toolbar" role="search" aria-label="What is shown">
      <label class="field">
        <span>Board</span>
        <BoardSelect route={route} catalog={catalog} />
      </label>
      <BasisPicker route={route} shown={shown} />
      {route.view === "board" && (
        <label class="field search">
          <span>Search</span>
          <input id="search" type="search" aria-keyshortcuts="/" placeholder="Model or organization" value={route.q} onInput={(event) => go({ q: event.currentTarget.value }, "replace")} />
        </label>
      )}
      <Filters route={route} catalog={catalog} />
      <label class="field">
        <span>As of</span>
        <input type="date" value={route.asof} max={new Date().toISOString().slice(0, 10)} onChange={(event) => go({ asof: event.currentTarget.value, rev: "" })} />
      </label>
      {isPast(route) && (
        <a class="button" href={link({ asof: "", rev: "", rel: [], undisputed: "" })}>
          Back to live
        </a>
      )}
      <button type="button" class="push" disabled={shown.rows.length === 0} onClick={() => download(route, shown, around)}>
        CSV
      </button>
    </div>
  );
}

function BoardSelect({ route, catalog }: { route: Route; catalog: Catalog }) {
  const benchmarks = [...catalog.benchmarks.values()];
  const tags = [...new Set(benchmarks.flatMap((benchmark) => benchmark.tags))].sort();
  const known = route.board === "overall" || catalog.benchmarks.has(route.board) || tags.includes(route.board.replace("suite/", ""));
  return (
    <select value={route.board} onChange={(event) => go({ board: event.currentTarget.value, sort: "", q: "", model: "", with: "" })}>
      {!known && <option value={route.board}>{benchmarkName(catalog, route.board)}</option>}
      <option value="overall">Overall</option>
      {tags.length > 0 && (
        <optgroup label="Suites">
          {tags.map((tag) => (
            <option key={tag} value={`suite/${tag}`}>
              {tag}
            </option>
          ))}
        </optgroup>
      )}
      {benchmarks.length > 0 && (
        <optgroup label="Benchmarks">
          {benchmarks.map((benchmark) => (
            <option key={benchmark.id} value={benchmark.id}>
              {benchmark.title || benchmark.id}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}

const BASES: { basis: CostBasis; label: string }[] = [
  { basis: CostBasis.TASK, label: "Task" },
  { basis: CostBasis.TOKEN_PRICE, label: "Tokens" },
  { basis: CostBasis.TRAINING, label: "Training" },
];

function BasisPicker({ route, shown }: { route: Route; shown: Shown }) {
  const offered = isComputed(route.board) ? BASES.slice(1) : BASES;
  const chosen = CostBasis[route.basis as keyof typeof CostBasis] ?? shown.basis;
  return (
    <fieldset class="field">
      <legend>Cost</legend>
      <div class="segments">
        {offered.map(({ basis, label }) => (
          <button key={basis} type="button" aria-pressed={chosen === basis} onClick={() => go({ basis: CostBasis[basis] })}>
            {label}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function Filters({ route, catalog }: { route: Route; catalog: Catalog }) {
  const models = [...catalog.models.values()];
  const organizations = [...new Set(models.map((model) => model.organization).filter((name) => name !== undefined))].sort();
  const tags = [...new Set(models.flatMap((model) => model.tags))].sort();
  const count = route.org.length + route.tag.length + route.rel.length + [route.open, route.since, route.best, route.undisputed].filter(Boolean).length;
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const outside = (event: Event) => {
      if (details.current?.open && !details.current.contains(event.target as Node)) details.current.open = false;
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, []);
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !details.current?.open) return;
    details.current.open = false;
    details.current.querySelector("summary")?.focus();
  };
  return (
    <details ref={details} class="filters" onKeyDown={close}>
      <summary>
        Filters
        {count > 0 && <span class="count">{count}</span>}
      </summary>
      <div class="panel">
        <Choices label="Organization" options={organizations.map((name) => [name, name])} chosen={route.org} change={(org) => go({ org }, "replace")} />
        <Choices label="Model tag" options={tags.map((tag) => [tag, tag])} chosen={route.tag} change={(tag) => go({ tag }, "replace")} />
        <label class="field">
          <span>Weights</span>
          <select value={route.open} onChange={(event) => go({ open: event.currentTarget.value }, "replace")}>
            <option value="">Any</option>
            <option value="1">Open</option>
            <option value="0">Closed</option>
          </select>
        </label>
        <label class="field">
          <span>Released since</span>
          <input type="date" value={route.since} onChange={(event) => go({ since: event.currentTarget.value }, "replace")} />
        </label>
        <label class="check">
          <input type="checkbox" checked={route.best !== ""} onChange={(event) => go({ best: event.currentTarget.checked ? "1" : "" }, "replace")} />
          Best variant of each model only
        </label>
        {!isComputed(route.board) && (
          <>
            <Choices
              label="Who ran it"
              options={[EvaluatorRelationship.FIRST_PARTY, EvaluatorRelationship.THIRD_PARTY, EvaluatorRelationship.COLLABORATIVE, EvaluatorRelationship.OTHER].map((one) => [EvaluatorRelationship[one] ?? "", RELATIONSHIP[one]])}
              chosen={route.rel}
              change={(rel) => go({ rel }, "replace")}
            />
            <label class="check">
              <input type="checkbox" checked={route.undisputed !== ""} onChange={(event) => go({ undisputed: event.currentTarget.checked ? "1" : "" }, "replace")} />
              Leave disputed results out
            </label>
          </>
        )}
        {count > 0 && <a href={link({ org: [], tag: [], rel: [], open: "", since: "", best: "", undisputed: "" })}>Clear all filters</a>}
      </div>
    </details>
  );
}

function Choices({ label, options, chosen, change }: { label: string; options: [string, string][]; chosen: string[]; change: (chosen: string[]) => void }) {
  if (options.length === 0) return null;
  return (
    <fieldset class="choices">
      <legend>{label}</legend>
      <div>
        {options.map(([value, text]) => (
          <label key={value} class="check">
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={(event) => change(event.currentTarget.checked ? [...chosen, value] : chosen.filter((one) => one !== value))}
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
