// A page's end of the shared connection.

import { Hub } from "./hub";
import { PING_MS, type ToHub, type ToPage, type View } from "./protocol";
import { heldToken, holdToken } from "./token";

type Heard = Exclude<ToPage, { kind: "pong" } | { kind: "token" }>;

const listeners = new Map<number, { view: View; heard: (message: Heard) => void }>();
const tokenListeners = new Set<() => void>();
let next = 1;
let send: (message: ToHub) => void = () => {};
let answered = true;

function receive(message: ToPage): void {
  if (message.kind === "pong") answered = true;
  else if (message.kind === "token") {
    holdToken(message.token);
    for (const listener of tokenListeners) listener();
  } else listeners.get(message.id)?.heard(message);
}

/** A worker shared by all tabs; where there is none, a connection of this page's own. */
function join(): void {
  const own = () => {
    send = new Hub().join(receive);
    greet();
  };
  // Under development files are not put together into one.
  if (typeof SharedWorker === "undefined" || import.meta.env.DEV) return own();
  try {
    // This very file is the worker's program too: nothing more to load.
    const worker = new SharedWorker(import.meta.url, { type: "module", name: "frontierd" });
    worker.onerror = own;
    worker.port.onmessage = (event: MessageEvent<ToPage>) => receive(event.data);
    worker.port.start();
    send = (message) => worker.port.postMessage(message);
    greet();
  } catch {
    own();
  }
}

function greet(): void {
  answered = true;
  send({ kind: "hello", token: heldToken() });
  for (const [id, { view }] of listeners) send({ kind: "watch", id, view });
}

export function start(): void {
  join();
  setInterval(() => {
    // A worker that does not answer is gone: browsers end them when memory is short.
    if (!answered) return join();
    answered = false;
    send({ kind: "ping" });
  }, PING_MS);
  addEventListener("pagehide", () => send({ kind: "bye" }));
  addEventListener("pageshow", (event) => {
    if (event.persisted) join();
  });
  addEventListener("online", () => send({ kind: "retry" }));
}

/** Watches a view until the answer is called. */
export function watch(view: View, heard: (message: Heard) => void): () => void {
  const id = next++;
  listeners.set(id, { view, heard });
  send({ kind: "watch", id, view });
  return () => {
    listeners.delete(id);
    send({ kind: "unwatch", id });
  };
}

export function retry(): void {
  send({ kind: "retry" });
}

/** A token was typed in: all tabs use it. */
export function giveToken(token: string): void {
  holdToken(token);
  send({ kind: "token", token });
  for (const listener of tokenListeners) listener();
}

export function onToken(listener: () => void): () => void {
  tokenListeners.add(listener);
  return () => tokenListeners.delete(listener);
}
