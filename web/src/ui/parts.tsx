// Small parts that several views use.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { safeUrl } from "../catalog";
import { nextTheme, theme } from "./theme";

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M6 25h6v-7h6v-6h8" />
      <circle cx="12" cy="18" r="2.6" />
      <circle cx="18" cy="12" r="2.6" />
      <circle class="lead" cx="25" cy="7" r="2.6" />
    </svg>
  );
}

const THEME_LABEL = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };

export function ThemeButton() {
  const [chosen, set] = useState(theme());
  return (
    <button type="button" class="icon" aria-label={THEME_LABEL[chosen]} title={THEME_LABEL[chosen]} onClick={() => set(nextTheme())}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6" />
        {chosen !== "light" && <path d={chosen === "dark" ? "M10 3a7 7 0 0 1 0 14 7 7 0 0 1 0-14" : "M10 3a7 7 0 0 1 0 14z"} fill="currentColor" />}
      </svg>
    </button>
  );
}

/** A link to a source, where it is one that a browser can safely open. */
export function Source({ url, label, brief = false }: { url: string; label: string; brief?: boolean }) {
  const safe = safeUrl(url);
  if (!safe) return url && !brief ? <span class="muted clip" title={url}>{url}</span> : null;
  const host = new URL(safe).hostname.replace(/^www\./, "");
  return (
    <a class="source" href={safe} target="_blank" rel="noopener noreferrer" aria-label={`${label}, ${host}`} title={safe}>
      {!brief && host}
      <span aria-hidden="true"> ↗</span>
    </a>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Problem({ message, retry }: { message: string; retry?: () => void }) {
  return (
    <div class="empty" role="alert">
      <h2>This cannot be shown</h2>
      <p>{message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A place held while the first rows are on their way, of about their size, so that nothing jumps. */
export function Skeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} />
      ))}
    </div>
  );
}
