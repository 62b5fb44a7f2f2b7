// What stays on the record, and how a deactivated person is drawn wherever they appear.

import { readFile } from "node:fs/promises";

import { expect, test } from "../support/desk.ts";
import { ids, idOf } from "../support/screens.ts";
import { answer, ask, deactivate, panel, row } from "../support/steps.ts";

test("rule 04 a deactivated person is transparent and labelled wherever they appear", async ({ page, signIn }) => {
  await signIn("owner");
  const found = await ids(page);
  const transparent = /\/ 0\.45\)$/;
  await page.goto("/users");
  // The column of the status says it, once.
  await expect(row(page, "Ada Lovelace").getByText("Deactivated")).toHaveCount(1);
  await expect(row(page, "Ada Lovelace").getByText("Deactivated")).toBeVisible();
  await expect(row(page, "Ada Lovelace").locator(".face")).toHaveCSS("background-color", transparent);
  await page.goto(`/users/${idOf(found, "Ada Lovelace")}`);
  await expect(panel(page).locator(".badge-deactivated")).toBeVisible();
  await expect(panel(page).locator(".face").first()).toHaveCSS("background-color", transparent);
  await page.goto(`/teams/${idOf(found, "Support")}`);
  await expect(row(page, "Ada Lovelace").locator(".badge-deactivated")).toBeVisible();
  await page.goto("/audit?person=ada");
  const chip = page.locator(".entry .chip").filter({ hasText: "Ada Lovelace" }).first();
  await expect(chip).toContainText("Deactivated");
  await expect(chip.locator(".face")).toHaveCSS("background-color", transparent);
});

test("the filters of the audit log are folded on a phone until one is set", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/audit");
  const narrow = (page.viewportSize()?.width ?? 0) < 761;
  const person = page.getByRole("searchbox", { name: "Person" });
  const fold = page.locator(".audit-fold > summary");
  if (narrow) {
    await expect(person).toBeHidden();
    await axe();
    await fold.click();
  } else {
    await expect(fold).toBeHidden();
  }
  await person.fill("ada");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("link", { name: /^Person: ada/ })).toBeVisible();
  await expect(person).toBeVisible();
  await expect(person).toHaveValue(/^ada/);
  await axe();
});

test.describe("with a desk of its own", () => {
  test.use({ ownDesk: true });

  test("rule 11 each step is in the audit log with its reason, and a delete erases what is personal", async ({ page, signIn, desk, axe }) => {
    await signIn("owner");
    await page.goto("/users");
    await deactivate(page, "Lucas Moreau", { reason: "Moved to another company" });
    await page.goto("/audit?person=lucas");
    const entry = page.getByRole("listitem").filter({ hasText: "Moved to another company" });
    await expect(entry).toContainText("Olivia Brandt");
    await expect(entry).toContainText("Lucas Moreau");
    await entry.locator("summary").click();
    await expect(entry.locator("details")).toContainText("active");
    await expect(entry.locator("details")).toContainText("deactivated");
    await axe();

    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
    expect(await readFile(await download.path(), "utf8")).toContain("Moved to another company");

    await page.goto("/users");
    const asked = await ask(page, "Lucas Moreau", "Delete…", "Delete Lucas Moreau for good?");
    await asked.getByLabel("Email address").fill("lucas@acme.example");
    await asked.getByLabel("Your own password").fill(desk.signIn("owner").password);
    await answer(page, "Delete Lucas Moreau");
    await expect(row(page, "Lucas Moreau")).toHaveCount(0);
    await page.goto("/audit");
    await expect(page.getByText("Moved to another company")).toHaveCount(0);
    await expect(page.getByText("Lucas Moreau")).toHaveCount(0);
    await expect(page.locator(".entry").first()).toContainText(/deleted/i);
  });
});
