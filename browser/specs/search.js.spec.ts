// What scripts add to the search over everything.

import { expect, test } from "../support/desk.ts";

test("Ctrl K searches everything from anywhere, as one types, and the way back is kept", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/items/3");
  await page.keyboard.press("Control+k");
  await expect(page).toHaveURL(/\/search$/);
  const box = page.getByRole("searchbox", { name: "Search people and work" });
  await expect(box).toBeFocused();
  await box.pressSequentially("lovel");
  await expect(page).toHaveURL(/q=lovel/);
  await expect(page.getByRole("region", { name: /^Users/ })).toContainText("Ada Lovelace");
  await expect(box).toBeFocused();
  await page.goBack();
  await expect(page).toHaveURL(/\/items\/3$/);
});

test("what is typed on the page of an item does not leave it before Enter", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/items/3");
  await page.getByRole("searchbox").fill("paper");
  await page.waitForTimeout(600);
  await expect(page).toHaveURL(/\/items\/3$/);
  await page.getByRole("searchbox").press("Enter");
  await expect(page).toHaveURL(/\/search\?q=paper/);
});
