// How a row came about, in words.

import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import { CostBasis, Status, Verdict } from "../gen/frontier/v1/types_pb";
import { BASIS, costOn, DATE_RULE, digits, factor, INTERVAL, KIND, money, plural, range, RELATIONSHIP, span, VERDICT, verdictPhrase } from "../words";
import { scoreText, type Around } from "./columns";

export function RowCard({ row, around, about }: { row: Standing; around: Around; about: string }) {
  return (
    <>
      <h3>{around.name(row.model)}</h3>
      {about === "point" ? <PointText row={row} around={around} /> : about === "trend" ? <TrendText row={row} around={around} /> : about === "score" ? <ScoreText row={row} around={around} /> : <CostText row={row} around={around} />}
    </>
  );
}

function ScoreText({ row, around }: { row: Standing; around: Around }) {
  return (
    <dl>
      <dt>Score</dt>
      <dd>{scoreText(row.score, around)}</dd>
      {row.interval && (
        <>
          <dt>95 % interval</dt>
          <dd>
            {scoreText(row.interval.low, around)} – {scoreText(row.interval.high, around)} <i>{INTERVAL[row.interval.source]}</i>
          </dd>
        </>
      )}
      {row.normalisedScore !== undefined && (
        <>
          <dt>Normalised</dt>
          <dd>{digits(row.normalisedScore)}</dd>
        </>
      )}
      {row.observedDate && (
        <>
          <dt>Measured</dt>
          <dd>
            {row.observedDate} by {row.evaluator || "unknown"} <i>({RELATIONSHIP[row.relationship]})</i>
          </dd>
        </>
      )}
      {row.harness && (
        <>
          <dt>Harness</dt>
          <dd>{row.harness}</dd>
        </>
      )}
      {row.otherResultsCount > 0 && (
        <>
          <dt>Also reported</dt>
          <dd>
            {plural(row.otherResultsCount, "other result")}, {scoreText(row.spreadLow ?? row.score, around)} – {scoreText(row.spreadHigh ?? row.score, around)} in all
          </dd>
        </>
      )}
      {row.status === Status.DISPUTED && (
        <>
          <dt>Status</dt>
          <dd>disputed</dd>
        </>
      )}
    </dl>
  );
}

/** A point of the chart: what its place says, and no more. */
function PointText({ row, around }: { row: Standing; around: Around }) {
  const cost = costOn(row, around.basis);
  return (
    <>
      {row.organization && <p class="muted">{row.organization}</p>}
      <dl>
        <dt>Score</dt>
        <dd>
          {scoreText(row.score, around)} {row.interval && <i>{`${scoreText(row.interval.low, around)} – ${scoreText(row.interval.high, around)}`}</i>}
        </dd>
        {cost && (
          <>
            <dt>{BASIS[cost.basis]}</dt>
            <dd>
              {money(cost.centralUsd)} <i>{[KIND[cost.kind], range(cost.lowUsd, cost.highUsd, money)].filter(Boolean).join("; ")}</i>
            </dd>
          </>
        )}
        <dt>Rank</dt>
        <dd>{row.rank}</dd>
        {row.overpay !== undefined && (
          <>
            <dt>Overpay</dt>
            <dd>{factor(row.overpay)}</dd>
          </>
        )}
      </dl>
      {row.onFrontier && <p>On the Pareto frontier.</p>}
      {row.onFrontier === false && row.dominatedBy[0] !== undefined && <p>Beaten on both by {around.name(row.dominatedBy[0])}.</p>}
    </>
  );
}

function CostText({ row, around }: { row: Standing; around: Around }) {
  return (
    <>
      {row.costs.length === 0 && <p>No cost is known. A missing cost is not zero.</p>}
      <dl>
        {row.costs.map((cost) => (
          <>
            <dt>{BASIS[cost.basis]}</dt>
            <dd>
              {money(cost.centralUsd)} <i>{[KIND[cost.kind], range(cost.lowUsd, cost.highUsd, money), cost.date && `${cost.date}, ${DATE_RULE[cost.dateRule]}`, cost.provider && `list price of ${cost.provider}`].filter(Boolean).join("; ")}</i>
              {cost.notACostProxy && <i> A reasoning model uses more tokens: its price is no proxy of its cost.</i>}
              {cost.cachePriceMissing && <i> Cached tokens were priced as input.</i>}
            </dd>
          </>
        ))}
        {row.costToMatchUsd !== undefined && (
          <>
            <dt>Cost to match</dt>
            <dd>
              {money(row.costToMatchUsd)} <i>the lowest cost of at least this score: overpay {factor(row.overpay)}</i>
            </dd>
          </>
        )}
      </dl>
      {row.onFrontier && <p>On the Pareto frontier: nobody has at least this score for at most this cost.</p>}
      {row.onFrontier === false && row.dominatedByCount > 0 && (
        <p>
          Beaten on both by {row.dominatedBy.slice(0, 3).map(around.name).join(", ")}
          {row.dominatedByCount > 3 && ` and ${row.dominatedByCount - 3} more`}.
        </p>
      )}
    </>
  );
}

function TrendText({ row, around }: { row: Standing; around: Around }) {
  const trend = row.trend;
  if (!trend) return <p>No verdict on this board.</p>;
  const basis = BASIS[trend.costBasis || CostBasis.UNSPECIFIED];
  const own = costOn(row, trend.costBasis);
  const reference = trend.reference;
  return (
    <>
      <p class="verdict">{capital(verdictPhrase(trend.verdict))}.</p>
      {reference?.cost && trend.q !== undefined && (
        <p>
          {around.name(reference.model)} offered at least this score for {money(reference.cost.centralUsd)} on {reference.date}. Falling {factor(trend.curve?.annualFactor)} a year, {span(trend.elapsedYears?.central ?? 0)} later it would be{" "}
          {money(trend.breakEvenSubjectUsd)}; this is {money(own?.centralUsd)}.
        </p>
      )}
      {trend.verdict === Verdict.NO_COSTED_REFERENCE && <p>Reached earlier, at an unknown cost, by {trend.uncostedReferences.slice(0, 3).map(around.name).join(", ")}.</p>}
      <dl>
        {trend.q !== undefined && (
          <>
            <dt>q = expected / observed</dt>
            <dd>
              {digits(trend.q)}
              {trend.qLow !== undefined && trend.qHigh !== undefined && trend.qLow !== trend.qHigh && (
                <i>
                  {" "}
                  {digits(trend.qLow)} – {digits(trend.qHigh)}
                </i>
              )}
            </dd>
            <dt>Reduction</dt>
            <dd>
              {factor(trend.observedReduction)} <i>expected {factor(trend.expectedReduction)}</i>
            </dd>
          </>
        )}
        {trend.qMedian !== undefined && trend.candidates !== undefined && (
          <>
            <dt>Against the median of {trend.candidates}</dt>
            <dd>
              {VERDICT[trend.verdictMedian]} <i>q {digits(trend.qMedian)}</i>
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
        <dt>Basis</dt>
        <dd>{basis}</dd>
      </dl>
      {trend.method && <p class="method">{trend.method}</p>}
    </>
  );
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
