// Daemons and browsers for the tests.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const BINARY = process.env.FRONTIERD;
/** For what must come; generous, because the machine may be busy with other tests. */
const PATIENCE_MS = 45_000;

/** A daemon of its own on a free port (or a given one), and its command line. */
export class Daemon {
  static async demo() {
    return new Daemon().#start(["demo", "--listen", "127.0.0.1:0"]);
  }

  /** Serves an empty store; the same directory and port again after `kill` is the same daemon to a page. */
  static async serve({ dir, port = 0, args = [], env = {} } = {}) {
    const daemon = new Daemon();
    daemon.dir = dir ?? (await mkdtemp(join(tmpdir(), "frontierd-browser-")));
    daemon.args = args;
    daemon.env = env;
    return daemon.#start(["serve", "--data-dir", daemon.dir, "--listen", `127.0.0.1:${port}`, "--log-level", "warn", ...args]);
  }

  async #start(args) {
    this.process = spawn(BINARY, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...this.env } });
    let said = "";
    this.addr = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the daemon did not serve in time: ${said}`)), PATIENCE_MS);
      this.process.stdout.on("data", (bytes) => {
        said += bytes;
        const found = /^serving on ([^\s,]+)/m.exec(said);
        if (!found) return;
        clearTimeout(late);
        resolve(found[1]);
      });
      this.process.on("exit", (code) => reject(new Error(`the daemon ended with ${code}: ${said}`)));
    });
    this.url = `http://${this.addr}`;
    return this;
  }

  /** Runs a command that needs no daemon; answers what it printed. */
  static async offline(...args) {
    const { stdout } = await promisify(execFile)(BINARY, args);
    return stdout.trim();
  }

  get port() {
    return Number(this.addr.split(":").at(-1));
  }

  /** Runs a command against it, through gRPC; answers what it printed as JSON. */
  async cli(...args) {
    const { stdout } = await promisify(execFile)(BINARY, [...args, "--addr", `http://${this.addr}`, "--output", "json"], { env: { ...process.env, ...this.env }, maxBuffer: 1 << 26 });
    return stdout.trim() ? JSON.parse(stdout) : undefined;
  }

  board(name, ...args) {
    return this.cli("leaderboard", name, "--limit", "1000", ...args);
  }

  async #ended(signal) {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill(signal);
    await ended;
  }

  /** As if the power went. */
  kill() {
    return this.#ended("SIGKILL");
  }

  async stop() {
    // Whatever is still open finds nobody from now on.
    for (const page of opened) page.away = true;
    opened.clear();
    await this.#ended("SIGTERM");
    if (this.dir) await rm(this.dir, { recursive: true, force: true });
  }
}

const opened = new Set();

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A browser with a profile of its own, empty. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/**
 * A page that notes what must not happen: errors on its console, exceptions, requests to anybody but its daemon. What
 * the network says while a daemon is away is expected where `away` is set.
 */
export async function open(browser, url, options = {}) {
  const { context: given, ...settings } = options;
  const context = given ?? (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...settings }));
  const page = await context.newPage();
  const origin = new URL(url).origin;
  opened.add(page);
  page.faults = [];
  page.away = false;
  page.on("console", (message) => {
    const network = /net::ERR_|Failed to load resource/.test(message.text());
    if (message.type() === "error" && !(page.away && network)) page.faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.faults.push(`exception: ${error.stack}`));
  page.on("request", (request) => {
    const to = request.url();
    if (!to.startsWith(`${origin}/`) && !to.startsWith("data:") && !to.startsWith("blob:")) page.faults.push(`a request to ${to}`);
  });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  return page;
}

/** Waits until a function of the page answers something true. */
export function until(page, condition, argument, timeout = PATIENCE_MS) {
  return page.waitForFunction(condition, argument, { timeout, polling: 20 });
}

export const live = (page) => page.waitForSelector('.connection[data-state="live"]');

/** The rows of the table as a reader sees them. */
export function rows(page) {
  return page.$$eval("table.board tbody tr", (all) =>
    all.map((row) => {
      const cell = (name) => row.querySelector(`td[data-column="${name}"]`);
      return {
        model: row.dataset.model,
        rank: cell("rank").querySelector("b").textContent,
        interval: cell("rank").querySelector("small").textContent,
        score: cell("score").querySelector(".figure").textContent,
        cost: cell("cost").textContent,
        frontier: cell("frontier")?.querySelector(".diamond")?.getAttribute("aria-label"),
        verdict: cell("trend")?.querySelector("button").dataset.verdict,
        moved: cell("rank").querySelector(".moved")?.textContent,
        disputed: cell("model").textContent.includes("disputed"),
      };
    }),
  );
}

export function cell(page, model, column) {
  return page.locator(`tr[data-model="${model}"] td[data-column="${column}"]`);
}
