// The token of this tab. It is kept until the tab is closed, and never written to a URL or to the disk.

const KEY = "frontierd-token";
let held = read();

function read(): string {
  try {
    return typeof sessionStorage === "undefined" ? "" : (sessionStorage.getItem(KEY) ?? "");
  } catch {
    return "";
  }
}

export function heldToken(): string {
  return held;
}

export function holdToken(token: string): void {
  held = token;
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // Storage may be forbidden: then the token lives as long as the page.
  }
}
