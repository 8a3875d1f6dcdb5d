// Two models on the benchmarks they share.

import { useEffect } from "preact/hooks";
import { benchmarkName, clients, modelName, type Catalog } from "../catalog";
import type { Model } from "../gen/frontier/v1/catalog_pb";
import type { BenchmarkComparison, CompareModelsResponse } from "../gen/frontier/v1/leaderboard_pb";
import { basisOf } from "../live/rows";
import { go, link, type Route } from "../route";
import { useAnswer } from "../ui/ask";
import { Empty, Problem, Skeleton } from "../ui/parts";
import { BASIS_SHORT, factor, money, NONE, plural } from "../words";
import { figure } from "./model";
import { ModelOptions, ModelPicker } from "./pick";

export function CompareView({ route, catalog, head }: { route: Route; catalog: Catalog; head: bigint }) {
  const { model: a, with: b } = route;
  const both = a !== "" && b !== "";
  const { answer, error, retry } = useAnswer(both ? JSON.stringify(["compare", a, b, route.basis]) : undefined, head, (signal) => clients.boards.compareModels({ a, b, costBasis: basisOf(route) }, { signal }));
  const [nameA, nameB] = [modelName(catalog, a), modelName(catalog, b)];
  useEffect(() => {
    document.title = `${both ? `${nameA} and ${nameB}` : "Compare"} - frontierd`;
  }, [both, nameA, nameB]);
  return (
    <section aria-labelledby="compare-title">
      <div class="toolbar">
        <label class="field">
          <span>Model A</span>
          <select value={a} onChange={(event) => go({ model: event.currentTarget.value })}>
            <ModelOptions catalog={catalog} chosen={a} />
          </select>
        </label>
        <button type="button" class="icon swap" aria-label="Swap the two" title="Swap the two" disabled={!both} onClick={() => go({ model: b, with: a }, "replace")}>
          ⇄
        </button>
        <label class="field">
          <span>Model B</span>
          <select value={b} onChange={(event) => go({ with: event.currentTarget.value })}>
            <ModelOptions catalog={catalog} chosen={b} />
          </select>
        </label>
      </div>
      {!both ? (
        <ModelPicker catalog={catalog} title={a ? `Compare ${nameA} with…` : "Compare which models?"} to={(model) => (a ? { with: model } : { model })} />
      ) : error !== undefined ? (
        <Problem message={error} retry={retry} />
      ) : !answer ? (
        <Skeleton />
      ) : (
        <Comparison answer={answer} catalog={catalog} />
      )}
    </section>
  );
}

function Comparison({ answer, catalog }: { answer: CompareModelsResponse; catalog: Catalog }) {
  const [a, b] = [modelName(catalog, answer.a), modelName(catalog, answer.b)];
  const title = (
    <h1 id="compare-title">
      <a href={link({ view: "model", model: answer.a, with: "" })}>{a}</a> <span class="muted">and</span> <a href={link({ view: "model", model: answer.b, with: "" })}>{b}</a>
    </h1>
  );
  if (answer.benchmarks.length === 0) {
    return (
      <Empty title="They share no benchmark">
        <p>
          {a} and {b} have no benchmark with an active result of both.
        </p>
      </Empty>
    );
  }
  const widest = Math.max(...answer.benchmarks.map((one) => share(one, Math.abs(one.difference) + (one.differenceMargin ?? 0))));
  return (
    <>
      <div class="board-head">
        {title}
        <p class="lede">
          On {plural(answer.benchmarks.length, "shared benchmark")}: {a} is better on {answer.aBetter}, {b} on {answer.bBetter}
          {answer.tied > 0 && `, tied on ${answer.tied}`}.
        </p>
      </div>
      <div class="table-box" tabIndex={0} role="group" aria-label="Comparison by benchmark">
        <table class="plain compare">
          <thead>
            <tr>
              <th scope="col">Benchmark</th>
              <th scope="col" class="number">
                {a}
              </th>
              <th scope="col" class="middle">
                A − B
              </th>
              <th scope="col" class="left">
                {b}
              </th>
              <th scope="col">Separated</th>
              <th scope="col" class="number">
                Cost A
              </th>
              <th scope="col" class="number">
                Cost B
              </th>
              <th scope="col" class="number">
                A / B
              </th>
              <th scope="col">Basis</th>
            </tr>
          </thead>
          <tbody>
            {answer.benchmarks.map((one) => (
              <ComparisonRow key={one.benchmark} one={one} answer={answer} catalog={catalog} widest={widest} />
            ))}
          </tbody>
        </table>
      </div>
      <SideBySide answer={answer} catalog={catalog} />
    </>
  );
}

/** What each of them is, beside the other. */
function SideBySide({ answer, catalog }: { answer: CompareModelsResponse; catalog: Catalog }) {
  const both = [catalog.models.get(answer.a), catalog.models.get(answer.b)];
  const facts: [string, (model: Model) => string | undefined][] = [
    ["Organization", (model) => model.organization],
    ["Released", (model) => model.releaseDate],
    ["Weights", (model) => (model.openWeights === undefined ? undefined : model.openWeights ? "open" : "closed")],
    ["Licence", (model) => model.license],
    ["Tags", (model) => model.tags.join(", ") || undefined],
  ];
  const known = facts.filter(([, of]) => both.some((model) => model && of(model)));
  return (
    <section class="panel-box side-by-side">
      <h2>Side by side</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="Side by side">
        <table class="plain">
          <thead>
            <tr>
              <td />
              {both.map((model, index) => (
                <th key={index} scope="col">
                  {modelName(catalog, model?.id ?? "")}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {known.map(([label, of]) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {both.map((model, index) => (
                  <td key={index}>{(model && of(model)) ?? NONE}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Differences of different units on one scale: as a share of the larger score. */
function share(one: BenchmarkComparison, difference: number): number {
  return difference / Math.max(Math.abs(one.scoreA), Math.abs(one.scoreB), 1e-9);
}

function ComparisonRow({ one, answer, catalog, widest }: { one: BenchmarkComparison; answer: CompareModelsResponse; catalog: Catalog; widest: number }) {
  const better = one.better === answer.a ? "a" : one.better === answer.b ? "b" : "";
  const suffix = one.differenceMargin === undefined ? "" : ` ± ${short(one.differenceMargin)}`;
  return (
    <tr>
      <th scope="row">
        <a href={link({ view: "board", board: one.benchmark, sort: "", q: "", model: "", with: "" })}>{benchmarkName(catalog, one.benchmark)}</a>
        {!one.higherIsBetter && <small>less is better</small>}
      </th>
      <td class={`number ${better === "a" ? "better" : ""}`}>{figure(one.scoreA, one.unit)}</td>
      <td class="middle">
        <DifferenceBar one={one} better={better} widest={widest} />
        <small>
          {one.difference > 0 ? "+" : ""}
          {short(one.difference)}
          {suffix}
        </small>
      </td>
      <td class={`left ${better === "b" ? "better" : ""}`}>{figure(one.scoreB, one.unit)}</td>
      <td>{one.separated === undefined ? <span class="muted">not known</span> : one.separated ? <span class="tag good">yes</span> : <span class="muted">no, within the uncertainty</span>}</td>
      <td class="number">{money(one.costAUsd)}</td>
      <td class="number">{money(one.costBUsd)}</td>
      <td class="number">{factor(one.costRatio)}</td>
      <td class="muted">{one.costAUsd !== undefined || one.costBUsd !== undefined ? BASIS_SHORT[one.costBasis] : ""}</td>
    </tr>
  );
}

function short(value: number): string {
  return value.toFixed(Math.abs(value) < 1 ? 2 : 1).replace("-", "−");
}

/** To the left where A is better, to the right where B is; the line is the uncertainty of the difference. */
function DifferenceBar({ one, better, widest }: { one: BenchmarkComparison; better: string; widest: number }) {
  const half = 70;
  const scale = (difference: number) => (share(one, difference) / (widest || 1)) * half;
  const direction = better === "a" ? -1 : 1;
  const length = scale(Math.abs(one.difference));
  const end = half + 4 + direction * length;
  const margin = one.differenceMargin === undefined ? 0 : scale(one.differenceMargin);
  return (
    <svg class={`difference ${one.separated ? "sure" : ""} ${better}`} width={2 * half + 8} height="14" viewBox={`0 0 ${2 * half + 8} 14`} preserveAspectRatio="none" aria-hidden="true">
      <line class="zero" x1={half + 4} x2={half + 4} y1="0" y2="14" />
      <rect x={Math.min(half + 4, end)} y="3" width={length} height="8" rx="1.5" />
      {margin > 0 && <line class="margin" x1={Math.max(1, end - margin)} x2={Math.min(2 * half + 7, end + margin)} y1="7" y2="7" />}
    </svg>
  );
}
