// axe-core on the page as it stands, for WCAG 2.2 level A and AA.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const source = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * One line per finding and element: the rule, what to do, and where. Empty when nothing is found.
 *
 * axe needs scripts. Where they are off, a copy of the page is judged: the same document with the same
 * styles, in a context that lets axe run and still none of the page's own.
 */
export async function findings(page: Page, scripts: boolean): Promise<string[]> {
  if (scripts) return check(page);
  const browser = page.context().browser();
  if (browser === null) throw new Error("a page without a browser cannot be copied");
  const context = await browser.newContext({
    javaScriptEnabled: true,
    viewport: page.viewportSize(),
    storageState: await page.context().storageState(),
    colorScheme: (await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches)) ? "dark" : "light",
  });
  try {
    return await check(await copy(page, await context.newPage()));
  } finally {
    await context.close();
  }
}

/** Shows in `to` what `from` shows, without its scripts. */
async function copy(from: Page, to: Page): Promise<Page> {
  // With scripts on, what stands in <noscript> would not be part of the page.
  const document = (await from.content()).replace(/<(\/?)noscript\b[^>]*>/g, "<$1div>");
  await to.route("**/*", (route) => {
    switch (route.request().resourceType()) {
      case "document":
        return route.fulfill({ contentType: "text/html; charset=utf-8", body: document });
      case "script":
        return route.abort();
      default:
        return route.continue();
    }
  });
  if (from.url() === "about:blank") await to.setContent(document);
  else await to.goto(from.url());
  return to;
}

/** Waits until what fades in has done so: half way its colours are not those that anybody reads. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => {
    const ends = (one: Animation) => Number.isFinite(Number(one.effect?.getComputedTiming().endTime));
    const running = document.getAnimations().filter((one) => one.playState === "running" && ends(one));
    const enough = new Promise((done) => setTimeout(done, 2000));
    return Promise.race([Promise.allSettled(running.map((one) => one.finished)), enough]).then(() => undefined);
  });
}

async function check(page: Page): Promise<string[]> {
  // Evaluated from outside, so that it runs under the strict policy that forbids the page's own inline code.
  await page.evaluate(await source);
  await settled(page);
  const results = await page.evaluate(
    async (tags) =>
      (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
        runOnly: { type: "tag", values: tags },
        resultTypes: ["violations"],
      }),
    TAGS,
  );
  return results.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${rule.help} at ${node.target.join(" ")}\n${node.failureSummary ?? ""}`),
  );
}
