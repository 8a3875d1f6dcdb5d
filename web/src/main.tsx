// The page, and the program of the shared worker: one file, loaded once.

import { render } from "preact";
import { App } from "./app";
import { start } from "./live/connection";
import { Hub } from "./live/hub";
import type { ToHub } from "./live/protocol";
import { intercept } from "./route";
import { applyTheme } from "./ui/theme";

if (typeof document === "undefined") {
  const hub = new Hub();
  addEventListener("connect", (event) => {
    const port = (event as MessageEvent).ports[0];
    if (!port) return;
    const hear = hub.join((message) => port.postMessage(message));
    port.onmessage = (message: MessageEvent<ToHub>) => hear(message.data);
    port.start();
  });
} else {
  applyTheme();
  intercept();
  addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
    const search = document.getElementById("search");
    if (event.key !== "/" || typing || !search || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    search.focus();
  });
  start();
  const root = document.getElementById("app");
  if (root) render(<App />, root);
}
