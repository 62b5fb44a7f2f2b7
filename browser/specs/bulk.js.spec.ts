// Many rows selected at once: by the box in the head, and a range with the shift key. On a phone there is no head; "all that
// match" does it there.

import { expect, test } from "../support/desk.ts";

test("the box in the head selects the page, and shift selects a range", async ({ page, signIn, axe }, { project }) => {
  test.skip(project.name === "phone", "a phone has no head of the table");
  await signIn("owner");
  await page.goto("/customers?q=fennelrye");
  const rows = page.getByRole("checkbox", { name: /^Select (?!all)/ });
  const total = await rows.count();
  expect(total).toBeGreaterThan(2);
  const head = page.getByRole("checkbox", { name: "Select all on this page" });
  await head.check();
  await expect(page.getByText(`${total} selected`)).toBeVisible();
  await axe();
  await rows.first().uncheck();
  await expect(page.getByText(`${total - 1} selected`)).toBeVisible();
  await expect(head).not.toBeChecked();
  expect(await head.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true);
  await head.check();
  await head.uncheck();
  await expect(page.getByText(/ selected/)).toBeHidden();

  await rows.first().check();
  await rows.nth(total - 1).click({ modifiers: ["Shift"] });
  await expect(page.getByText(`${total} selected`)).toBeVisible();

  // The rows are others after a search; the box is there again.
  await page.getByRole("link", { name: "Deactivated", exact: false }).first().click();
  await expect(head).toBeVisible();
  await expect(head).not.toBeChecked();
});

test("all that match can be chosen even where one page shows them", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/customers?q=fennelrye");
  const rows = page.getByRole("checkbox", { name: /^Select (?!all)/ });
  const total = await rows.count();
  expect(total).toBeGreaterThan(2);
  await rows.first().check();
  await page.getByRole("checkbox", { name: `All ${total} customers that match` }).check();
  await page.getByRole("button", { name: "Preview…" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Deactivate \d+ customers/ })).toBeVisible();
  await expect(page.getByRole("region", { name: "People" }).locator("tbody tr")).toHaveCount(total);
});
