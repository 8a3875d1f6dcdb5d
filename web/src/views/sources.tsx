// Where each counting result is stated. Standings do not carry it, so the results are asked for, once a board.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { clients } from "../catalog";
import type { Standing } from "../gen/frontier/v1/leaderboard_pb";
import { Source } from "../ui/parts";
import { NONE } from "../words";

/** At most this often while results arrive. */
const AGAIN_MS = 1_500;
const PAGE = 1_000;
/** Pages read on a board with a long history; older results go without a link. */
const PAGES_MAX = 3;

export function useSources(board: string | undefined, rows: Standing[], live: boolean) {
  const [urls, set] = useState<ReadonlyMap<bigint, string>>(new Map());
  const held = useRef({ board, urls: new Map<bigint, string>(), at: 0 });
  if (held.current.board !== board) held.current = { board, urls: new Map(), at: 0 };
  const missing = board !== undefined && rows.some((row) => row.resultRevision > 0n && !held.current.urls.has(row.resultRevision));
  const newest = rows.reduce((most, row) => (row.resultRevision > most ? row.resultRevision : most), 0n);

  useEffect(() => {
    if (!board || !missing) return;
    const mine = held.current;
    const wanted = rows.map((row) => row.resultRevision);
    const timer = setTimeout(
      () => {
        mine.at = Date.now();
        void read(board, mine.urls, wanted).then(() => {
          if (held.current === mine) set(new Map(mine.urls));
        });
      },
      Math.max(0, mine.at + AGAIN_MS - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [board, missing, newest, live]);

  return useCallback(
    (row: Standing) => {
      const url = urls.get(row.resultRevision);
      if (!url) return <span class="muted">{url === undefined ? "" : NONE}</span>;
      return <Source url={url} label={`Source of the result of ${row.model}`} brief />;
    },
    [urls],
  );
}

async function read(board: string, urls: Map<bigint, string>, wanted: bigint[]): Promise<void> {
  let pageToken = "";
  try {
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await clients.boards.listResults({ benchmark: board, pageSize: PAGE, pageToken });
      for (const { revision, result } of answer.results) urls.set(revision, result?.sourceUrl ?? "");
      pageToken = answer.nextPageToken;
      if (!pageToken || wanted.every((revision) => urls.has(revision))) break;
    }
    // What was not found is not looked for again.
    for (const revision of wanted) if (!urls.has(revision)) urls.set(revision, "");
  } catch {
    // Links are a comfort; the watch says what is wrong.
  }
}
