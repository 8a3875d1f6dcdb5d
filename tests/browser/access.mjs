// For everybody: keyboards, screen readers, dark rooms, small screens.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Daemon, open, until } from "./harness.mjs";
import { withDaemon } from "./board.mjs";

const AXE = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const VIEWS = {
  "/": "table.board tbody tr",
  "/?board=gpqa-diamond": "table.board tbody tr",
  "/?board=gpqa-diamond&view=chart": ".points a",
  "/?board=gpqa-diamond&view=trend": ".findings .verdict",
  "/?view=model&model=deepseek/v3": "text=All results",
  "/?view=compare&model=deepseek/v3&with=deepseek/r1": "table.compare",
  "/?view=feed": ".feed li",
};

/** Serious findings of axe-core in what is shown. It is evaluated by the debugger, which the page's policy does not bind. */
async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.any.map((check) => check.message)}`).join("\n  ")}`);
}

export async function axe_finds_nothing_serious_in_any_view_light_or_dark(browser, pages) {
  await withDaemon(Daemon.demo(), async (daemon) => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open(browser, daemon.url, { colorScheme, reducedMotion: "reduce" });
      pages.push(page);
      for (const [view, ready] of Object.entries(VIEWS)) {
        await page.goto(daemon.url + view);
        await page.waitForSelector(ready);
        assert.deepEqual(await findings(page), [], `${view} ${colorScheme}`);
      }
    }
  });
}

export async function dark_is_dark_and_can_be_chosen(browser, pages) {
  await withDaemon(Daemon.demo(), async (daemon) => {
    const page = await open(browser, daemon.url, { colorScheme: "dark" });
    pages.push(page);
    const shade = () => page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)[0]));
    assert.ok((await shade()) < 60);
    await page.click("button[aria-label^='Theme']");
    assert.ok((await shade()) > 200);
    await page.reload();
    assert.ok((await shade()) > 200, "the choice is kept");
  });
}

export async function everything_is_reached_by_keyboard(browser, pages) {
  await withDaemon(Daemon.demo(), async (daemon) => {
    const page = await open(browser, `${daemon.url}/?board=gpqa-diamond`);
    pages.push(page);
    await page.waitForSelector("table.board tbody tr");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Skip to content");
    const focused = () => page.evaluate(() => document.activeElement.closest("tr")?.dataset.model);
    for (let press = 0; press < 60 && (await focused()) === undefined; press += 1) await page.keyboard.press("Tab");
    const first = await focused();
    assert.ok(first, "no row was reached");
    await page.keyboard.press("Tab");
    await page.waitForSelector(".card.shown");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-describedby")), "card");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".card.shown", { state: "hidden" });
    await page.keyboard.press("ArrowDown");
    assert.notEqual(await focused(), first);
    await page.keyboard.press("Shift+Tab");
    await until(page, () => document.activeElement.matches("td.model a, td.src a"));
    await page.goto(`${daemon.url}/?board=gpqa-diamond&view=chart`);
    await page.waitForSelector(".points a[tabindex='0']");
    await page.focus(".points a[tabindex='0']");
    const point = () => page.evaluate(() => document.activeElement.getAttribute("data-model"));
    const cheapest = await point();
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await point(), cheapest);
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=All results");
  });
}

export async function small_screens_lose_nothing_at_the_side_and_nothing_jumps(browser, pages) {
  await withDaemon(Daemon.demo(), async (daemon) => {
    for (const width of [360, 768, 1280]) {
      const page = await open(browser, daemon.url, { viewport: { width, height: 800 } });
      pages.push(page);
      for (const [view, ready] of Object.entries(VIEWS)) {
        await page.goto(daemon.url + view);
        await page.waitForSelector(ready);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${view} is ${over} px too wide at ${width}`);
        const shift = await page.evaluate(
          () =>
            new Promise((resolve) => {
              let sum = 0;
              new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) sum += entry.value;
              }).observe({ type: "layout-shift", buffered: true });
              setTimeout(() => resolve(sum), 50);
            }),
        );
        assert.ok(shift < 0.1, `${view} shifts by ${shift} at ${width}`);
      }
    }
  });
}
