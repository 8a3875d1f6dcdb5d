// What happened, in words.

import { benchmarkName, modelName, type Catalog } from "../catalog";
import { EventKind } from "../gen/frontier/v1/leaderboard_pb";
import { Verdict } from "../gen/frontier/v1/types_pb";
import type { Feed, Item } from "../live/feed";
import { link } from "../route";
import { Empty, Skeleton } from "../ui/parts";
import { sentence } from "../words";

const SIGN: Partial<Record<EventKind, [string, string]>> = {
  [EventKind.LEADER_CHANGED]: ["★", "lead"],
  [EventKind.OVERTAKEN]: ["▲", "up"],
  [EventKind.FRONTIER_ENTERED]: ["◆", "frontier"],
  [EventKind.FRONTIER_LEFT]: ["◇", "quiet"],
  [EventKind.CHEAPER_ALTERNATIVE]: ["$", "up"],
  [EventKind.VERDICT]: ["≈", "quiet"],
  [EventKind.DISPUTED]: ["!", "bad"],
  [EventKind.RETRACTED]: ["×", "bad"],
  [EventKind.PRICE_CHANGED]: ["$", "quiet"],
};

function sign({ event }: Item): [string, string] {
  if (event.kind === EventKind.VERDICT && event.verdict === Verdict.AHEAD) return ["≈", "up"];
  if (event.kind === EventKind.VERDICT && event.verdict === Verdict.BEHIND) return ["≈", "bad"];
  return SIGN[event.kind] ?? ["·", "quiet"];
}

/** The newest events; `limit` keeps a side panel short, which is not read out while somebody reads the table. */
export function FeedList({ feed, catalog, limit, spoken = false }: { feed: Feed; catalog: Catalog; limit: number; spoken?: boolean }) {
  const model = (id: string) => modelName(catalog, id);
  const benchmark = (id: string) => benchmarkName(catalog, id);
  return (
    <ol class="feed" aria-live={spoken ? "polite" : "off"} aria-relevant="additions">
      {feed.items.slice(0, limit).map((item) => {
        const [mark, kind] = sign(item);
        const who = item.event.kind === EventKind.OVERTAKEN ? item.event.otherModel : item.event.model;
        return (
          <li key={item.key} class={item.at ? "fresh" : undefined}>
            <span class={`sign ${kind}`} aria-hidden="true">
              {mark}
            </span>
            <span class="said">
              <a href={link({ view: "model", model: who, with: "" })}>{sentence(item, model, benchmark)}</a>
              <span class="when">
                r{String(item.revision)}
                {item.at && ` · ${new Date(item.at).toLocaleTimeString()}`}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

export function FeedView({ feed, catalog }: { feed: Feed; catalog: Catalog }) {
  return (
    <section class="narrow" aria-labelledby="feed-title">
      <h1 id="feed-title">Live feed</h1>
      <p class="lede">Every change of rank, frontier, price and verdict, on all benchmarks, as the daemon records it.</p>
      {feed.items.length > 0 ? (
        <FeedList feed={feed} catalog={catalog} limit={250} spoken />
      ) : feed.state.at === "connecting" ? (
        <Skeleton />
      ) : (
        <Empty title="Nothing has happened yet">
          <p>Events appear here the moment a result, a price or a dispute changes a board.</p>
        </Empty>
      )}
    </section>
  );
}
