// The frame around all views.

import { useEffect, useState } from "preact/hooks";
import { useCatalog } from "./catalog";
import { useFeed } from "./live/feed";
import { type Route, useRoute } from "./route";
import { Connection } from "./ui/connection";
import { Logo, ThemeButton } from "./ui/parts";
import { TokenDialog } from "./ui/token";
import { BoardView } from "./views/board";
import { CompareView } from "./views/compare";
import { FeedView } from "./views/feed";
import { ModelView } from "./views/model";
import { href } from "./route";

const TABS: { view: Route["view"]; label: string }[] = [
  { view: "board", label: "Leaderboard" },
  { view: "chart", label: "Cost vs score" },
  { view: "trend", label: "Trend" },
  { view: "compare", label: "Compare" },
  { view: "feed", label: "Live feed" },
];

export function App() {
  const route = useRoute();
  const catalog = useCatalog();
  const feed = useFeed();
  const [unauthenticated, setUnauthenticated] = useState<string>();
  useEffect(() => {
    if (feed.state.at === "unauthenticated") setUnauthenticated(feed.state.message);
    else if (feed.state.at === "live") setUnauthenticated(undefined);
  }, [feed.state]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="/" aria-label="frontierd, front page">
          <Logo />
          <span>frontierd</span>
        </a>
        <nav aria-label="Views">
          {TABS.map(({ view, label }) => (
            <a key={view} href={tab(route, view)} aria-current={route.view === view ? "page" : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <Connection state={feed.state} revision={feed.revision} />
        <ThemeButton />
      </header>
      <main id="main" tabIndex={-1}>
        {route.view === "model" ? (
          <ModelView route={route} catalog={catalog} head={feed.revision} />
        ) : route.view === "compare" ? (
          <CompareView route={route} catalog={catalog} head={feed.revision} />
        ) : route.view === "feed" ? (
          <FeedView feed={feed} catalog={catalog} />
        ) : (
          <BoardView route={route} catalog={catalog} feed={feed} />
        )}
      </main>
      {unauthenticated !== undefined && <TokenDialog message={unauthenticated} />}
    </>
  );
}

/** Views of a board keep it and its filters; the others begin afresh. */
function tab(route: Route, view: Route["view"]): string {
  const ofBoard = view === "board" || view === "chart" || view === "trend";
  if (!ofBoard) return href({ ...route, view, sort: "", q: "", org: [], open: "", tag: [], since: "", best: "", rel: [], undisputed: "", asof: "", rev: "", fit: "" });
  return href({ ...route, view, with: view === "trend" ? route.with : "" });
}
