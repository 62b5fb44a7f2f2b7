// What the pages of a test report as errors: of scripts, of the content policy, of parts that do not load.

import type { BrowserContext } from "@playwright/test";

/** An answer that refuses is logged by the browser, and is no fault of the page. */
const REFUSED = /^Failed to load resource: the server responded with a status of (4\d\d|502)/;
const PART = /\/(assets|pictures)\//;

/** Collects the faults of all pages of a context, from now on. */
export function watch(context: BrowserContext): string[] {
  const faults: string[] = [];
  context.on("weberror", (thrown) => faults.push(thrown.error().stack ?? thrown.error().message));
  context.on("console", (message) => {
    if (message.type() !== "error") return;
    const { url } = message.location();
    if (REFUSED.test(message.text()) && !PART.test(url)) return;
    faults.push(`${message.text()} (${url})`);
  });
  return faults;
}
