// The chart, the trend, models, comparisons and the feed.

import assert from "node:assert/strict";
import { Daemon, open, until } from "./harness.mjs";
import { withDaemon } from "./board.mjs";

/** Whether any two boxes of these elements overlap by more than a pixel. */
function overlapping(page, selector) {
  return page.$$eval(selector, (all) => {
    const boxes = all.map((element) => ({ text: element.textContent, box: element.getBoundingClientRect() }));
    const pairs = [];
    for (const [index, a] of boxes.entries()) {
      for (const b of boxes.slice(index + 1)) {
        const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (width > 1 && height > 3) pairs.push(`${a.text} / ${b.text}`);
      }
    }
    return pairs;
  });
}

export async function the_chart_draws_every_cost_and_the_frontier_and_leads_to_models(browser, pages) {
  await withDaemon(Daemon.demo(), async (daemon) => {
    const page = await open(browser, `${daemon.url}/?view=chart&board=aider-polyglot`);
    pages.push(page);
    await page.waitForSelector(".points a");
    const board = await daemon.board("aider-polyglot");
    const costed = board.rows.filter((row) => row.costs?.some((cost) => cost.basis === board.costBasis));
    assert.equal(await page.locator(".points a").count(), costed.length);
    const frontier = costed.filter((row) => row.onFrontier).map((row) => row.model);
    const drawn = await page.$$eval(".points a.on", (all) => all.map((one) => one.dataset.model));
    assert.deepEqual(drawn.sort(), frontier.sort());
    assert.equal(await page.locator(".plot .stair").first().isVisible(), true);
    assert.deepEqual(await overlapping(page, ".labels text"), []);
    const leader = board.rows[0].model;
    await page.hover(`.points a[data-model="${leader}"] circle`);
    await page.waitForSelector(".card.shown");
    await page.click(`.points a[data-model="${leader}"] circle`);
    await page.waitForSelector("text=All results");
    assert.match(page.url(), /view=model/);
    await page.goBack();
    await page.waitForSelector(".points a");
  });
}

export async function the_trend_says_in_words_what_GetTrend_answers(browser, pages) {
  await withDaemon(Daemon.demo(), async (daemon) => {
    const page = await open(browser, `${daemon.url}/?view=trend&board=gpqa-diamond&model=deepseek/v3&with=anthropic/claude-3.5-sonnet-20241022`);
    pages.push(page);
    await page.waitForSelector(".findings .verdict");
    const answer = await daemon.cli("trend", "gpqa-diamond", "--model", "deepseek/v3", "--reference", "anthropic/claude-3.5-sonnet-20241022");
    const verdict = answer.declared.verdict.replace("VERDICT_", "").toLowerCase().replaceAll("_", " ");
    assert.equal(await page.locator(".finding").first().locator(".pill").textContent(), verdict);
    const shown = Number.parseFloat(await page.locator(".finding").first().locator("dd b").textContent());
    assert.ok(Math.abs(shown / answer.declared.q - 1) < 0.01, `${shown} for ${answer.declared.q}`);
    await page.waitForSelector("path.declared");
    assert.equal(await page.locator(".offers .reference").count(), 1);
    await page.goto(`${daemon.url}/?view=trend&board=overall`);
    await page.waitForSelector("text=A trend is judged on one benchmark");
  });
}

export async function a_model_has_its_standings_prices_claims_and_results(browser, pages) {
  await withDaemon(Daemon.demo(), async (daemon) => {
    const page = await open(browser, `${daemon.url}/?view=model&model=deepseek-v3`);
    pages.push(page);
    await page.waitForSelector("h1:has-text('DeepSeek-V3')");
    const text = await page.textContent("main");
    for (const said of ["GPQA Diamond", "2,788,000 H800 hours", "disputed", "2025-02-08", "in force", "first party"]) assert.ok(text.includes(said), said);
    const { results } = await daemon.cli("results", "--model", "deepseek/v3");
    assert.equal(await page.locator("section:has(h2:has-text('All results')) tbody tr").count(), results.length);
    await page.click("text=Compare with…");
    await page.click(".pick a:has-text('DeepSeek-R1')");
    await page.waitForSelector("table.compare");
    const compared = await daemon.cli("compare", "deepseek/v3", "deepseek/r1");
    assert.equal(await page.locator("table.compare tbody tr").count(), compared.benchmarks.length);
    await page.goto(`${daemon.url}/?view=model&model=nobody/knows`);
    await page.waitForSelector("text=This cannot be shown");
    // The browser itself reports the refused call's status: it is not the page's fault.
    page.faults = page.faults.filter((fault) => !fault.includes("404"));
  });
}

export async function what_happens_is_told_in_words(browser, pages) {
  await withDaemon(Daemon.demo(), async (daemon) => {
    const page = await open(browser, `${daemon.url}/?view=feed`);
    pages.push(page);
    await page.waitForSelector(".feed li");
    await daemon.cli("submit", "mmlu", "openai/gpt-4o-2024-05-13", "93");
    await until(page, () => /GPT-4o.*takes the lead on MMLU from o1/.test(document.querySelector(".feed").textContent));
    await until(page, () => /GPT-4o.*overtakes 5 models on MMLU/.test(document.querySelector(".feed").textContent));
  });
}
