// One search over people, items and what was written.

import { expect, test } from "../support/desk.ts";
import { expectNoOverflow } from "../support/steps.ts";

const box = (page: import("@playwright/test").Page) => page.getByRole("searchbox");

test("everything is found from any page, and each hit leads to where it stands", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/licenses");
  await box(page).fill("paper");
  await box(page).press("Enter");
  await expect(page).toHaveURL(/\/search\?q=paper/);
  await expect(page.getByRole("heading", { name: /^Items/ })).toBeVisible();
  const texts = page.getByRole("region", { name: "Descriptions and messages" });
  await expect(texts.locator("mark").first()).toHaveText(/paper/i);
  await expectNoOverflow(page);
  await page.getByRole("region", { name: /^Items/ }).getByRole("link", { name: /Warn a site/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: /Warn a site before its kiosk/ })).toBeVisible();
});

test("a message that is found is shown in its conversation", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/search?q=ordinary+paper+cannot");
  const hit = page.locator(".found-text").first();
  await expect(hit.locator("mark")).toHaveText("ordinary paper cannot");
  await expect(hit.locator(".chip.is-deactivated")).toContainText("Ada Lovelace");
  await hit.getByRole("link", { name: /Kiosk 2/ }).click();
  await expect(page).toHaveURL(/\/items\/\d+#m-/);
  await expect(page.locator(new URL(page.url()).hash)).toContainText("ordinary paper cannot be printed");
});

test("people are found by a part of their name, those who are deactivated labelled", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/search?q=lovelace");
  const users = page.getByRole("region", { name: /^Users/ });
  await expect(users.locator(".is-deactivated")).toContainText("Deactivated");
  await users.getByRole("link", { name: /Ada Lovelace/ }).click();
  await expect(page).toHaveURL(/\/users\//);
});

test("a number leads to its item, a list leads on to everything, and nothing says what to do", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/search?q=%233");
  await expect(page.getByRole("region", { name: "Number 3" }).locator(".row-link")).toContainText("#3");
  await page.goto("/tickets?q=paper");
  await page.getByRole("link", { name: "Search everything" }).click();
  await expect(page).toHaveURL(/\/search\?q=paper/);
  await page.goto("/search?q=zz");
  await expect(page.getByText("Type at least three letters")).toBeVisible();
  await page.goto("/search?q=zzzz");
  await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
  await page.goto("/search");
  await expect(page.getByText("any part of a name")).toBeVisible();
});
