// How the page stands with the daemon.

import { useEffect, useState } from "preact/hooks";
import { retry } from "../live/connection";
import type { State } from "../live/protocol";

export function Connection({ state, revision }: { state: State; revision: bigint }) {
  const waiting = state.at === "waiting" ? state.until : 0;
  const [, tick] = useState(0);
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => tick((count) => count + 1), 500);
    return () => clearInterval(timer);
  }, [waiting]);
  const [kind, text] = said(state);
  return (
    <div class={`connection ${kind}`} data-state={state.at} data-revision={String(revision)}>
      <span class="dot" aria-hidden="true" />
      <span role="status">{text}</span>
      {revision > 0n && (
        <span class="revision" title="Everything up to this position in the log is shown">
          r{revision.toLocaleString("en-US")}
        </span>
      )}
      {state.at === "waiting" && (
        <button type="button" class="small" onClick={retry} title={state.message}>
          Now
        </button>
      )}
    </div>
  );
}

function said(state: State): [string, string] {
  switch (state.at) {
    case "live":
      return ["good", "Live"];
    case "crowded":
    case "connecting":
      return ["idle", "Connecting"];
    case "waiting":
      return ["bad", "Reconnecting"];
    case "unauthenticated":
      return ["bad", "Token needed"];
    case "refused":
      return ["bad", "Refused"];
  }
}
