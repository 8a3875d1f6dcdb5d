// An answer of the daemon to one question, asked again when the question or the revision changes.

import { useEffect, useRef, useState } from "preact/hooks";
import { trouble } from "../api";
import { onToken } from "../live/connection";

/** Asked again at most this often while revisions arrive. */
const AGAIN_MS = 1_000;

export interface Asked<T> {
  answer: T | undefined;
  error: string | undefined;
  retry: () => void;
}

/** `key` says what is asked, `head` how new the answer should be; an absent key asks nothing. */
export function useAnswer<T>(key: string | undefined, head: bigint, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [held, hold] = useState<{ key: string | undefined; answer?: T; error?: string }>({ key });
  const [tries, again] = useState(0);
  const last = useRef({ key, at: 0 });
  useEffect(() => onToken(() => again((count) => count + 1)), []);
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    const wait = last.current.key === key ? Math.max(0, last.current.at + AGAIN_MS - Date.now()) : 0;
    const timer = setTimeout(() => {
      last.current = { key, at: Date.now() };
      ask(abort.signal).then(
        (answer) => !abort.signal.aborted && hold({ key, answer }),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          const { message, passing } = trouble(error);
          // What was true a moment ago is better than nothing while the daemon is away.
          hold((before) => (passing && before.key === key && before.answer !== undefined ? before : { key, error: message }));
        },
      );
    }, wait);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, head, tries]);
  const current = held.key === key ? held : undefined;
  return { answer: current?.answer, error: current?.error, retry: () => again((count) => count + 1) };
}
