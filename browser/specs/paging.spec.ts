// More people than one page holds.

import { expect, test } from "../support/desk.ts";
import { names } from "../support/steps.ts";

test.use({ users: 100 });

test("pages follow each other without a gap or a repeat, there and back", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await expect(page.locator(".pager-summary")).toContainText("112");
  const pages = page.getByRole("navigation", { name: "Pages" });
  const seen: string[][] = [];
  for (;;) {
    seen.push(await page.locator("[data-row] .row-link").evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname)));
    const next = pages.getByRole("link", { name: "Next" });
    if ((await next.count()) === 0) break;
    const before = await names(page);
    await next.click();
    await expect.poll(() => names(page)).not.toEqual(before);
  }
  expect(seen.map((rows) => rows.length)).toEqual([50, 50, 12]);
  expect(new Set(seen.flat()).size).toBe(112);
  const last = await names(page);
  await pages.getByRole("link", { name: "Previous" }).click();
  await expect.poll(() => names(page)).not.toEqual(last);
  const back = await page.locator("[data-row] .row-link").evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname));
  expect(back).toEqual(seen[1]);
});
