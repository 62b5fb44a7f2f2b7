// What people do on the desk, step by step. A step is the same with scripts, where a question opens as a dialog,
// and without, where it is a page.

import { expect, type Locator, type Page } from "@playwright/test";

/** The row of a person in the grid; under several teams, the first. */
export const row = (page: Page, name: string): Locator =>
  page.getByRole("row").filter({ has: page.getByRole("rowheader", { name }) }).first();

/** What is asked before something is done. */
export const question = (page: Page): Locator => page.locator("[data-dialog-body]");

/** What was done, in the corner. */
export const toast = (page: Page): Locator => page.getByRole("region", { name: "What happened" }).getByRole("status");

/** The meter of licenses at the top. */
export const meter = (page: Page): Locator => page.locator("#meter");

/** The detail panel. */
export const panel = (page: Page): Locator => page.getByRole("complementary");

/** Opens the three dots of a row. */
export async function openMenu(page: Page, name: string): Promise<Locator> {
  await row(page, name).getByRole("button", { name: `Actions for ${name}` }).click();
  const menu = page.locator(".menu:popover-open");
  await expect(menu).toBeVisible();
  return menu;
}

/** Chooses from the three dots of a row. */
export async function choose(page: Page, name: string, action: string): Promise<void> {
  await (await openMenu(page, name)).getByRole("link", { name: action, exact: true }).click();
}

/** As {@link choose}, where a question follows; it is answered by the caller. */
export async function ask(page: Page, name: string, action: string, title: string): Promise<Locator> {
  await choose(page, name, action);
  await expect(question(page).getByRole("heading", { level: 1, name: title, exact: true })).toBeVisible();
  return question(page);
}

/** Presses the button of a question. */
export const answer = (page: Page, button: string): Promise<void> =>
  question(page).getByRole("button", { name: button, exact: true }).click();

/** Leaves a question. */
export const cancel = (page: Page): Promise<void> => question(page).getByRole("link", { name: "Cancel" }).click();

/** Deactivates somebody from the grid. */
export async function deactivate(page: Page, name: string, why: { reason?: string; reviewOn?: string } = {}): Promise<void> {
  const asked = await ask(page, name, "Deactivate…", `Deactivate ${name}?`);
  if (why.reason !== undefined) await asked.getByLabel("Reason").fill(why.reason);
  if (why.reviewOn !== undefined) await asked.getByLabel("Review on").fill(why.reviewOn);
  await answer(page, "Deactivate");
  await expect(toast(page)).toContainText(`${name} is deactivated.`);
}

/** The link that is shown once; the dialog is then left. */
export async function takeLink(page: Page): Promise<string> {
  const link = await question(page).getByLabel("The link, shown this once").inputValue();
  await question(page).getByRole("link", { name: "Done" }).click();
  await expect(question(page)).toHaveCount(0);
  return link;
}

/** The date so many days from today, as date fields take it. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** The names in the grid, in their order. */
export async function names(page: Page): Promise<string[]> {
  const all = await page.locator("[data-row] .chip-name").allTextContents();
  return all.map((name) => name.trim());
}

/** Fails when the page is wider than its window. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(content, "the page fits its window").toBeLessThanOrEqual(window ?? 0);
}

/** A field shows all that stands in it: nothing is cut off or scrolled away. */
export async function wholly(field: Locator): Promise<void> {
  const room = await field.evaluate((node) => [node.scrollWidth - node.clientWidth, node.scrollHeight - node.clientHeight]);
  expect(Math.max(...room), "all of it is in sight").toBeLessThanOrEqual(0);
}
