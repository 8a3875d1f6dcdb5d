// Runs every test in one browser, and says which of them failed.

import { launch } from "./harness.mjs";
import * as access from "./access.mjs";
import * as board from "./board.mjs";
import * as connection from "./connection.mjs";
import * as tokens from "./tokens.mjs";
import * as views from "./views.mjs";

const wanted = process.argv[2] ?? "";
const tests = [board, connection, views, access, tokens].flatMap((file) => Object.entries(file)).filter(([name]) => name.includes("_") && name.includes(wanted));
const browser = await launch();
let failed = 0;
for (const [name, test] of tests) {
  const started = performance.now();
  const pages = [];
  let outcome = "ok";
  try {
    outcome = (await test(browser, pages)) ?? "ok";
    const faults = pages.flatMap((page) => page.faults);
    if (faults.length > 0) throw new Error(`the page did what it must not:\n${faults.join("\n")}`);
  } catch (error) {
    failed += 1;
    outcome = `FAILED\n${error.stack}`;
  }
  for (const context of browser.contexts()) await context.close();
  console.log(`${name.replaceAll("_", " ")}: ${outcome} (${Math.round(performance.now() - started)} ms)`);
}
await browser.close();
console.log(`${tests.length - failed} of ${tests.length} passed`);
process.exitCode = failed > 0 || tests.length === 0 ? 1 : 0;
