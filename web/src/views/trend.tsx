// Is this cost, for this capability, at this date, on the historical cost-decline curve?

import { clients, modelName, type Catalog } from "../catalog";
import type { DeclaredTrend, FittedTrend, PriceToReach } from "../gen/frontier/v1/trend_pb";
import { FitSelection } from "../gen/frontier/v1/trend_pb";
import { Verdict } from "../gen/frontier/v1/types_pb";
import { basisOf, isComputed, type Shown } from "../live/rows";
import { go, link, type Route } from "../route";
import { useAnswer } from "../ui/ask";
import { Empty, Problem, Skeleton } from "../ui/parts";
import { DATE_RULE, digits, factor, money, plural, range, span, VERDICT, verdictPhrase } from "../words";
import { capital } from "./card";
import { PILL, scoreText, type Around } from "./columns";
import { TrendPlot } from "./trend-plot";

export function TrendView({ route, catalog, shown, around }: { route: Route; catalog: Catalog; shown: Shown; around: Around }) {
  const computed = isComputed(route.board);
  const subject = route.model || best(shown);
  const key = computed || !shown.ready || shown.rows.length === 0 ? undefined : JSON.stringify(["trend", route.board, route.basis, subject, route.with, route.fit, route.asof, route.rev]);
  const { answer, error, retry } = useAnswer(key, shown.revision, (signal) =>
    clients.trends.getTrend(
      {
        board: route.board,
        model: subject,
        costBasis: basisOf(route),
        reference: route.with,
        selection: route.fit === "frontier" ? FitSelection.FRONTIER_AT_RELEASE : FitSelection.ALL,
        asOf: route.asof || route.rev ? { date: route.asof, revision: /^\d+$/.test(route.rev) ? BigInt(route.rev) : undefined } : undefined,
      },
      { signal },
    ),
  );
  if (computed) return <PickBenchmark catalog={catalog} />;
  const name = (id: string) => modelName(catalog, id);
  return (
    <>
      <Choose route={route} shown={shown} subject={subject} name={name} />
      {error !== undefined ? (
        <Problem message={error} retry={retry} />
      ) : answer ? (
        <div class="trend-view">
          <figure class="plot">
            <TrendPlot trend={answer} subject={subject} name={name} />
          </figure>
          <div class="findings">
            {answer.declared && <Declared trend={answer.declared} name={name} around={around} />}
            {answer.fitted && <Fitted fit={answer.fitted} own={answer.declared?.subject?.cost?.centralUsd} />}
            {answer.priceToReach && <Reach reach={answer.priceToReach} around={around} />}
          </div>
        </div>
      ) : (
        <Skeleton rows={9} />
      )}
    </>
  );
}

/** The newest model that a verdict can be given on: what people come for. */
function best(shown: Shown): string {
  const judged = shown.rows.filter((row) => row.trend?.q !== undefined);
  const of = judged.length > 0 ? judged : shown.rows;
  return [...of].sort((a, b) => (a.releaseDate < b.releaseDate ? 1 : a.releaseDate > b.releaseDate ? -1 : (a.rank ?? 0) - (b.rank ?? 0)))[0]?.model ?? "";
}

function Choose({ route, shown, subject, name }: { route: Route; shown: Shown; subject: string; name: (id: string) => string }) {
  const models = shown.rows.map((row) => row.model).sort((a, b) => name(a).localeCompare(name(b)));
  return (
    <div class="toolbar sub">
      <label class="field">
        <span>Is this model on trend</span>
        <select value={subject} onChange={(event) => go({ model: event.currentTarget.value })}>
          {!models.includes(subject) && <option value={subject}>{name(subject)}</option>}
          {models.map((id) => (
            <option key={id} value={id}>
              {name(id)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>against</span>
        <select value={route.with} onChange={(event) => go({ with: event.currentTarget.value })}>
          <option value="">the best earlier offer</option>
          {models
            .filter((id) => id !== subject)
            .map((id) => (
              <option key={id} value={id}>
                {name(id)}
              </option>
            ))}
        </select>
      </label>
      <label class="field">
        <span>Curve fitted to</span>
        <select value={route.fit} onChange={(event) => go({ fit: event.currentTarget.value })}>
          <option value="">all standings</option>
          <option value="frontier">those on the frontier when they appeared</option>
        </select>
      </label>
    </div>
  );
}

function PickBenchmark({ catalog }: { catalog: Catalog }) {
  const withRows = [...catalog.benchmarks.values()].filter((benchmark) => benchmark.standingCount > 0);
  return (
    <Empty title="A trend is judged on one benchmark">
      <p>The same capability must be compared at two dates, so choose one:</p>
      <p class="choices-inline">
        {withRows.map((benchmark) => (
          <a key={benchmark.id} class="button" href={link({ board: benchmark.id })}>
            {benchmark.title || benchmark.id}
          </a>
        ))}
      </p>
    </Empty>
  );
}

function Pill({ verdict }: { verdict: Verdict }) {
  return <span class={`pill ${PILL[verdict] ?? "none boxed"}`}>{VERDICT[verdict]}</span>;
}

function Declared({ trend, name, around }: { trend: DeclaredTrend; name: (id: string) => string; around: Around }) {
  const { subject, reference } = trend;
  const who = subject?.model ? name(subject.model) : "This model";
  return (
    <section class="finding">
      <h2>
        Declared curve <Pill verdict={trend.verdict} />
      </h2>
      <p class="verdict">
        {who}
        {subject?.cost?.centralUsd !== undefined && ` (${subject.score === undefined ? "" : `${scoreText(subject.score, around)} for `}${money(subject.cost.centralUsd)}, ${subject.date})`} is{" "}
        {trend.q === undefined ? verdictPhrase(trend.verdict) : <Judged trend={trend} />}.
      </p>
      {reference?.cost && trend.q !== undefined && (
        <p>
          {name(reference.model)} offered {reference.score === undefined ? "it" : scoreText(reference.score, around)} for {money(reference.cost.centralUsd)} on {reference.date}. If the cost of a capability falls {factor(trend.curve?.annualFactor)} a year, then{" "}
          {span(trend.elapsedYears?.central ?? 0)} later it is {money(trend.breakEvenSubjectUsd)}.
        </p>
      )}
      {trend.uncostedReferences.length > 0 && <p>Reached earlier, at an unknown cost, by {trend.uncostedReferences.map(name).join(", ")}.</p>}
      {trend.q !== undefined && (
        <dl class="numbers">
          <dt>q, expected / observed</dt>
          <dd>
            <b>{digits(trend.q)}</b> {trend.qLow !== trend.qHigh && <i>{range(trend.qLow, trend.qHigh, digits)}</i>}
          </dd>
          <dt>Cost reduction</dt>
          <dd>
            {factor(trend.observedReduction)} <i>expected {factor(trend.expectedReduction)}</i>
          </dd>
          {trend.annualised !== undefined && (trend.elapsedYears?.central ?? 0) >= 0.25 && (
            <>
              <dt>That is, a year</dt>
              <dd>{factor(trend.annualised)}</dd>
            </>
          )}
          {trend.qMedian !== undefined && (
            <>
              <dt>Against the median offer</dt>
              <dd>
                {VERDICT[trend.verdictMedian]} <i>q {digits(trend.qMedian)} of {plural(trend.candidates ?? 0, "candidate")}</i>
              </dd>
            </>
          )}
          {trend.verdictAtWorst !== trend.verdictAtBest && (
            <>
              <dt>At worst, at best</dt>
              <dd>
                {VERDICT[trend.verdictAtWorst]}, {VERDICT[trend.verdictAtBest]}
              </dd>
            </>
          )}
          <dt>On trend between</dt>
          <dd>
            {money((trend.breakEvenSubjectUsd ?? 0) / (trend.curve?.tolerance ?? 1))} – {money((trend.breakEvenSubjectUsd ?? 0) * (trend.curve?.tolerance ?? 1))}
          </dd>
          <dt>Dates</dt>
          <dd>{[...new Set([subject, reference].map((point) => point && DATE_RULE[point.dateRule]).filter(Boolean))].join("; ")}</dd>
        </dl>
      )}
      {trend.method && <p class="method">{trend.method}</p>}
    </section>
  );
}

function Judged({ trend }: { trend: DeclaredTrend }) {
  const q = trend.q ?? 1;
  const months = Math.abs(trend.monthsAhead ?? 0);
  if (trend.verdict === Verdict.ON_TREND) return <>on the trend: it costs about what it should</>;
  return (
    <>
      {factor(q >= 1 ? q : 1 / q)} {q >= 1 ? "cheaper" : "dearer"} than the trend, {months >= 1 ? `${months.toFixed(0)} months` : "less than a month"} {q >= 1 ? "ahead of" : "behind"} it
    </>
  );
}

function Fitted({ fit, own }: { fit: FittedTrend; own: number | undefined }) {
  return (
    <section class="finding">
      <h2>
        Fitted curve <Pill verdict={fit.verdict} />
      </h2>
      {fit.missing && <p>{capital(fit.missing)}.</p>}
      {fit.annualFactor !== undefined && (
        <p>
          On this board the cost of a capability fell {factor(fit.annualFactor)} a year{" "}
          <i>
            (90 % interval {factor(fit.annualFactorLow)} – {factor(fit.annualFactorHigh)})
          </i>
          .
          {fit.expectedUsd !== undefined && own !== undefined && (
            <>
              {" "}
              It leads to {money(fit.expectedUsd)} <i>({range(fit.expectedLowUsd, fit.expectedHighUsd, money)})</i>; the cost is {money(own)}
              {fit.extrapolated && ", outside the dates or scores of the fit"}.
            </>
          )}
        </p>
      )}
      <dl class="numbers">
        {fit.q !== undefined && (
          <>
            <dt>q, expected / observed</dt>
            <dd>
              <b>{digits(fit.q)}</b>
            </dd>
          </>
        )}
        <dt>Points</dt>
        <dd>
          {fit.points} of {plural(fit.models, "model")} <i>over {plural(fit.spanDays, "day")}</i>
        </dd>
        {fit.rSquared !== undefined && (
          <>
            <dt>R²</dt>
            <dd>{digits(fit.rSquared)}</dd>
          </>
        )}
      </dl>
      {fit.method && <p class="method">{fit.method}</p>}
    </section>
  );
}

function Reach({ reach, around }: { reach: PriceToReach; around: Around }) {
  return (
    <section class="finding">
      <h2>Cost to reach {scoreText(reach.threshold, around)}</h2>
      {reach.sufficient ? (
        <p>
          The lowest cost fell {factor(reach.annualFactor)} a year{" "}
          <i>
            (90 % interval {factor(reach.annualFactorLow)} – {factor(reach.annualFactorHigh)}, R² {digits(reach.rSquared ?? 0)})
          </i>
          , over {plural(reach.points, "record low")} in {plural(reach.spanDays, "day")}. Descriptive only: record lows are selected.
        </p>
      ) : (
        <p>{capital(reach.missing)}.</p>
      )}
      {reach.method && <p class="method">{reach.method}</p>}
    </section>
  );
}
