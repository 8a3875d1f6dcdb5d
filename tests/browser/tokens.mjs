// A daemon that asks for a token.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Daemon, live, open, until } from "./harness.mjs";

export async function a_token_is_asked_for_once_and_kept_for_the_session(browser, pages) {
  const knows = await Daemon.offline("token", "--help").catch(() => undefined);
  if (knows === undefined) return "SKIPPED, NOT TESTED: this daemon knows no tokens";
  const dir = await mkdtemp(join(tmpdir(), "frontierd-tokens-"));
  const file = join(dir, "tokens.toml");
  const make = (name, role) => Daemon.offline("token", "create", name, "--role", role, "--tokens", file);
  const [admin, reader] = [await make("boss", "admin"), await make("looker", "read")];
  const daemon = await Daemon.serve({ args: ["--tokens", file], env: { FRONTIERD_TOKEN: admin } });
  try {
    await daemon.cli("put", "benchmark", "exam");
    await daemon.cli("submit", "exam", "lab/one", "70");
    const page = await open(browser, `${daemon.url}/?board=exam`);
    pages.push(page);
    await page.waitForSelector("dialog[open]");
    await page.fill("dialog input", "frontierd_wrong");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=The last one was not accepted");
    assert.equal(await page.locator("table.board").count(), 0);
    await page.fill("dialog input", reader);
    await page.keyboard.press("Enter");
    await live(page);
    await until(page, () => !document.querySelector("dialog") && document.querySelectorAll("table.board tbody tr").length === 1);
    assert.ok(!page.url().includes(reader), "the token stands in the URL");
    assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), "{}");
    await page.reload();
    await until(page, () => document.querySelectorAll("table.board tbody tr").length === 1);
    assert.equal(await page.locator("dialog").count(), 0);
    // Nor is another tab asked.
    const other = await open(browser, `${daemon.url}/?view=model&model=lab/one`, { context: page.context() });
    pages.push(other);
    await other.waitForSelector("text=All results");
    assert.equal(await other.locator("dialog").count(), 0);
    await daemon.cli("submit", "exam", "lab/two", "80");
    await until(page, () => document.querySelector("table.board tbody tr")?.dataset.model === "lab/two");
  } finally {
    await daemon.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
