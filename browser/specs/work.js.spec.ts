// What scripts add to the lists of items.

import { expect, test } from "../support/desk.ts";

test("j, k and x walk and select the rows of a list, and the search narrows as one types", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/tickets");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(page.locator("[data-row]").nth(1)).toHaveClass(/is-cursor/);
  await page.keyboard.press("x");
  await expect(page.locator("[data-bulk-count]")).toHaveText("1 selected");
  await page.keyboard.press("/");
  await page.getByRole("searchbox", { name: "Search tickets" }).fill("kiosk");
  await expect(page).toHaveURL(/q=kiosk/);
  for (const title of await page.locator("[data-row] .line-title").allTextContents()) expect(title.toLowerCase()).toContain("kiosk");
  await page.getByRole("searchbox", { name: "Search tickets" }).fill("");
  await expect(page).not.toHaveURL(/q=/);
});
