// One model: where it stands, what it cost and when, what is claimed about it, and every result.

import { useEffect } from "preact/hooks";
import { benchmarkName, clients, modelName, type Catalog } from "../catalog";
import type { Claim, GetModelResponse } from "../gen/frontier/v1/catalog_pb";
import { TrainingScope } from "../gen/frontier/v1/catalog_pb";
import type { ResultRecord, Standing } from "../gen/frontier/v1/leaderboard_pb";
import { Status, Verdict } from "../gen/frontier/v1/types_pb";
import { link, type Route } from "../route";
import { useAnswer } from "../ui/ask";
import { Empty, Problem, Skeleton, Source } from "../ui/parts";
import { BASIS_SHORT, costOn, factor, KIND, money, NONE, plural, range, RELATIONSHIP, STATUS, unitSuffix, VERDICT } from "../words";
import { PILL } from "./columns";
import { ModelPicker } from "./pick";
import { PriceHistory } from "./prices";

/** Boards whose standing is asked for, and results listed, at most. */
const BOARDS_MAX = 60;
const RESULTS_MAX = 300;

interface Known {
  about: GetModelResponse;
  standings: { board: string; standing: Standing }[];
  results: ResultRecord[];
  more: boolean;
}

async function read(id: string, signal: AbortSignal): Promise<Known> {
  const [about, listed] = await Promise.all([clients.catalog.getModel({ id }, { signal }), clients.boards.listResults({ model: id, pageSize: RESULTS_MAX }, { signal })]);
  const boards = ["overall", ...about.boards.filter((board) => board !== "overall" && !board.startsWith("suite/"))].slice(0, BOARDS_MAX);
  const standings = await Promise.all(
    boards.map((board) =>
      clients.boards.getStanding({ board, model: id }, { signal }).then(
        ({ standing }) => (standing ? [{ board, standing }] : []),
        // It may have left the board meanwhile, or not cover enough of `overall`.
        () => [],
      ),
    ),
  );
  return { about, standings: standings.flat(), results: listed.results, more: listed.nextPageToken !== "" };
}

export function ModelView({ route, catalog, head }: { route: Route; catalog: Catalog; head: bigint }) {
  const id = route.model;
  const { answer, error, retry } = useAnswer(id ? `model ${id}` : undefined, head, (signal) => read(id, signal));
  const name = modelName(catalog, id);
  useEffect(() => {
    document.title = `${id ? name : "Models"} - frontierd`;
  }, [id, name]);
  if (!id) return <ModelPicker catalog={catalog} title="Which model?" to={(model) => ({ view: "model", model })} />;
  if (error !== undefined) return <Problem message={error} retry={retry} />;
  if (!answer) return <Skeleton rows={10} />;
  return (
    <article class="model-view">
      <Head answer={answer} catalog={catalog} />
      <Standings answer={answer} catalog={catalog} />
      <section class="panel-box">
        <h2>Price history</h2>
        <PriceHistory prices={answer.about.prices} />
      </section>
      <Claims claims={answer.about.claims} catalog={catalog} />
      <Results answer={answer} catalog={catalog} />
    </article>
  );
}

function Head({ answer, catalog }: { answer: Known; catalog: Catalog }) {
  const model = answer.about.model;
  if (!model) return null;
  const facts = [
    model.organization,
    model.releaseDate && `released ${model.releaseDate}`,
    model.openWeights === undefined ? "" : model.openWeights ? "open weights" : "closed weights",
    model.license,
    model.aliases.length > 0 && `also ${model.aliases.join(", ")}`,
  ];
  return (
    <header class="model-head">
      <div>
        <h1>{modelName(catalog, model.id)}</h1>
        <p class="facts">
          <span>{model.id}</span>
          {facts.filter(Boolean).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
          {model.tags.map((tag) => (
            <span key={tag} class="tag">
              {tag}
            </span>
          ))}
          <Source url={model.sourceUrl ?? ""} label="Source of these facts" />
        </p>
      </div>
      <a class="button" href={link({ view: "compare", model: model.id, with: "" })}>
        Compare with…
      </a>
    </header>
  );
}

function Standings({ answer, catalog }: { answer: Known; catalog: Catalog }) {
  const { standings } = answer;
  if (standings.length === 0) {
    return (
      <Empty title="It stands on no board">
        <p>It has no active result. What was retracted is listed below.</p>
      </Empty>
    );
  }
  return (
    <section class="panel-box">
      <h2>Standings</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="Standings">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Board</th>
              <th scope="col" class="number">
                Rank
              </th>
              <th scope="col" class="number">
                Score
              </th>
              <th scope="col" class="number">
                Cost
              </th>
              <th scope="col">Basis</th>
              <th scope="col" class="number">
                Overpay
              </th>
              <th scope="col" class="frontier">
                Frontier
              </th>
              <th scope="col">Trend</th>
            </tr>
          </thead>
          <tbody>
            {standings.map(({ board, standing }) => (
              <StandingRow key={board} board={board} standing={standing} catalog={catalog} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function StandingRow({ board, standing, catalog }: { board: string; standing: Standing; catalog: Catalog }) {
  const cost = costOn(standing, standing.costBasis);
  const unit = board === "overall" ? "WIN_RATE" : (catalog.benchmarks.get(board)?.unit ?? "PERCENT");
  const half = standing.interval && (standing.interval.high - standing.interval.low) / 2;
  const verdict = standing.trend?.verdict ?? Verdict.UNSPECIFIED;
  return (
    <tr>
      <th scope="row">
        <a href={link({ view: "board", board, basis: "", sort: "", q: "", model: "", with: "" })}>{benchmarkName(catalog, board)}</a>
        {standing.status === Status.DISPUTED && <span class="tag bad">disputed</span>}
      </th>
      <td class="number">
        <b>{standing.rank}</b> <i>{standing.rankBest !== undefined && standing.rankBest !== standing.rankWorst && `${standing.rankBest}–${standing.rankWorst}`}</i>
      </td>
      <td class="number">
        {figure(standing.score, unit)} <i>{half !== undefined && `± ${half.toFixed(1)}`}</i>
      </td>
      <td class="number">{money(cost?.centralUsd)}</td>
      <td class="muted">{cost ? BASIS_SHORT[cost.basis] : NONE}</td>
      <td class="number">{factor(standing.overpay)}</td>
      <td class="frontier">{standing.onFrontier === undefined ? NONE : <span class={`diamond ${standing.onFrontier ? "on" : ""}`}>{standing.onFrontier ? "◆" : "◇"}</span>}</td>
      <td>
        {VERDICT[verdict] ? (
          <a class={`pill ${PILL[verdict] ?? "none"}`} href={link({ view: "trend", board, basis: "", model: standing.model, with: "" })}>
            {VERDICT[verdict]}
            {standing.trend?.q !== undefined && <i>{factor(standing.trend.q)}</i>}
          </a>
        ) : (
          NONE
        )}
      </td>
    </tr>
  );
}

export function figure(score: number, unit: string): string {
  if (unit === "WIN_RATE") return score.toFixed(3);
  const text = Number(score.toFixed(3)).toString();
  return unit === "USD" ? `$${text}` : `${text}${unitSuffix(unit)}`;
}

const SCOPE: Record<TrainingScope, string> = {
  [TrainingScope.UNSPECIFIED]: "",
  [TrainingScope.FINAL_RUN]: "final run only",
  [TrainingScope.WHOLE_PROGRAM]: "whole program",
};

function said(claim: Claim, catalog: Catalog): [string, string] {
  const { statement } = claim;
  switch (statement.case) {
    case "trainingCost": {
      const { cost, accelerator, acceleratorHours, acceleratorCount, usdPerHour, scope } = statement.value;
      const derived = acceleratorHours !== undefined && usdPerHour !== undefined ? acceleratorHours * usdPerHour : undefined;
      const central = cost?.centralUsd ?? derived;
      const about = cost && range(cost.lowUsd, cost.highUsd, money);
      const hours = acceleratorHours !== undefined && `${acceleratorHours.toLocaleString("en-US")} ${accelerator} hours${usdPerHour === undefined ? "" : ` at ${money(usdPerHour)}`}${acceleratorCount === undefined ? "" : `, ${acceleratorCount.toLocaleString("en-US")} of them`}`;
      const figure = central === undefined ? about || "unknown" : `${money(central)}${about ? ` (${about})` : ""}`;
      return ["Training cost", [figure, cost && central !== undefined && KIND[cost.kind], hours, SCOPE[scope]].filter(Boolean).join("; ")];
    }
    case "trainingDate": {
      const { earliest, central, latest } = statement.value;
      return ["Trained", earliest && latest ? `${earliest} – ${latest}` : central || earliest || latest];
    }
    case "derivedFrom":
      return ["Derived from", modelName(catalog, statement.value)];
    default:
      return ["Claim", ""];
  }
}

function Claims({ claims, catalog }: { claims: Claim[]; catalog: Catalog }) {
  return (
    <section class="panel-box">
      <h2>Training cost and other claims</h2>
      {claims.length === 0 && <p class="muted">Nobody has claimed anything about its training.</p>}
      <ul class="claims">
        {claims.map((claim) => {
          const [what, text] = said(claim, catalog);
          return (
            <li key={String(claim.revision)} class={claim.counting ? undefined : "not-counting"}>
              <p>
                <b>{what}:</b> {text} {claim.counting && <span class="tag good">counts</span>}
                {claim.pinned && <span class="tag">pinned</span>}
                {claim.status !== Status.ACTIVE && <span class="tag bad">{STATUS[claim.status]}</span>}
              </p>
              <p class="muted">
                {[claim.claimant, claim.date].filter(Boolean).join(", ")} <Source url={claim.sourceUrl} label={`Source of the claim: ${what}`} />
              </p>
              {claim.note && <p class="muted">{claim.note}</p>}
              {claim.history.map((change) => (
                <p key={String(change.revision)} class="muted">
                  {STATUS[change.status]} by {change.author}: {change.reason}
                </p>
              ))}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Results({ answer, catalog }: { answer: Known; catalog: Catalog }) {
  const { results, more } = answer;
  return (
    <section class="panel-box">
      <h2>
        All results <span class="muted">{plural(results.length, "result")}</span>
      </h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="All results">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Benchmark</th>
              <th scope="col" class="number">
                Score
              </th>
              <th scope="col" class="number">
                $ / task
              </th>
              <th scope="col">Measured</th>
              <th scope="col">By</th>
              <th scope="col">Harness</th>
              <th scope="col">Status</th>
              <th scope="col">Source</th>
            </tr>
          </thead>
          <tbody>
            {results.map((record) => (
              <ResultRow key={String(record.revision)} record={record} catalog={catalog} />
            ))}
          </tbody>
        </table>
      </div>
      {more && <p class="note">The newest {RESULTS_MAX} are listed.</p>}
    </section>
  );
}

function ResultRow({ record, catalog }: { record: ResultRecord; catalog: Catalog }) {
  const { result } = record;
  if (!result) return null;
  const last = record.history.at(-1);
  return (
    <tr class={record.status === Status.RETRACTED ? "retracted" : undefined}>
      <th scope="row">
        <a href={link({ view: "board", board: result.benchmark, basis: "", sort: "", q: "", model: "", with: "" })}>{benchmarkName(catalog, result.benchmark)}</a>
      </th>
      <td class="number">
        {figure(result.score ?? 0, result.unit)} <i>{record.interval && `± ${((record.interval.high - record.interval.low) / 2).toFixed(1)}`}</i>
      </td>
      <td class="number">{money(record.taskCost?.centralUsd)}</td>
      <td>{result.observedDate}</td>
      <td>
        {result.evaluator || "unknown"} <i>{RELATIONSHIP[result.relationship]}</i>
      </td>
      <td>{[result.harness, result.harnessVersion].filter(Boolean).join(" ") || NONE}</td>
      <td>
        {record.counting && <span class="tag good">counts</span>}
        {record.status !== Status.ACTIVE && (
          <span class="tag bad" title={last && `${last.reason} (${last.author})`}>
            {STATUS[record.status]}
          </span>
        )}
        {!record.counting && record.status === Status.ACTIVE && <span class="muted">active</span>}
        {last && record.status !== Status.ACTIVE && <small>{last.reason}</small>}
      </td>
      <td>
        <Source url={result.sourceUrl} label={`Source of the result on ${result.benchmark}`} />
      </td>
    </tr>
  );
}
