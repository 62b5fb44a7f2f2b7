// What scripts add: keys, searching while one types, rows as a whole to click, dialogs that keep the page below.

import { expect, test } from "../support/desk.ts";
import { ask, cancel, names, openMenu, panel, question, row, toast } from "../support/steps.ts";

test("j and k walk the rows, Enter opens the panel, Escape closes it", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await page.keyboard.press("j");
  await expect(row(page, "Ada Lovelace")).toHaveClass(/is-cursor/);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await expect(row(page, "Ben Okafor")).toHaveClass(/is-cursor/);
  await page.keyboard.press("Enter");
  await expect(panel(page)).toContainText("Ben Okafor");
  await expect(page).toHaveURL(/\/users\/.+/);
  await page.keyboard.press("Escape");
  await expect(panel(page)).toHaveCount(0);
  await expect(page).toHaveURL(/\/users$/);
  await page.goBack();
  await expect(panel(page)).toContainText("Ben Okafor");
});

test("whoever closes the panel is back in its row, where the keys go on", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await row(page, "Priya Nair").getByText("Member", { exact: true }).click();
  await expect(panel(page)).toContainText("Priya Nair");
  await page.keyboard.press("Escape");
  await expect(panel(page)).toHaveCount(0);
  await expect(row(page, "Priya Nair").locator(".row-link")).toBeFocused();
  await page.keyboard.press(".");
  const menu = page.locator(".menu:popover-open");
  await expect(menu.getByRole("link", { name: "View details" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(panel(page)).toContainText("Priya Nair");
  await panel(page).getByRole("link", { name: "Close details" }).click();
  await expect(row(page, "Priya Nair").locator(".row-link")).toBeFocused();
  await page.keyboard.press("k");
  await expect(row(page, "Olivia Brandt")).toHaveClass(/is-cursor/);
});

test("what happens to the one chosen to make room is shown at once", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/users");
  const asked = await ask(page, "Ada Lovelace", "Activate…", "Activate Ada Lovelace?");
  await asked.getByRole("radio", { name: /Deactivate someone else/ }).check();
  await asked.getByLabel("Reason").fill("kept");
  await asked.getByRole("radio", { name: /Ben Okafor/ }).check();
  await expect(asked.getByRole("heading", { name: "Happens to Ben Okafor" })).toBeVisible();
  await expect(asked.getByRole("button", { name: /Show what happens/ })).toHaveCount(0);
  await axe();
  await asked.getByRole("radio", { name: /Jonas Weber/ }).check();
  await expect(asked.getByRole("heading", { name: "Happens to Jonas Weber" })).toBeVisible();
  await expect(asked.getByRole("radio", { name: /Jonas Weber/ })).toBeFocused();
  await expect(asked.getByLabel("Reason")).toHaveValue("kept");
  await cancel(page);
});

test("the dot opens the row's menu, arrows walk it, Escape leaves it", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await page.keyboard.press("j");
  await page.keyboard.press(".");
  const menu = page.locator(".menu:popover-open");
  await expect(menu.getByRole("link", { name: "View details" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(menu.getByRole("link", { name: "Edit" })).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(menu.getByRole("link", { name: "Delete…" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(menu).toHaveCount(0);
});

test("the question mark lists the keys; the slash goes to the search", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/users");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await axe();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search users" })).toBeFocused();
});

test("the list follows while one types", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  const search = page.getByRole("searchbox", { name: "Search users" });
  await search.pressSequentially("lovel", { delay: 20 });
  await expect(page.locator("[data-row]")).toHaveCount(1);
  await expect(search).toBeFocused();
  await expect(search).toHaveValue("lovel");
  await expect(page).toHaveURL(/q=lovel/);
  await search.fill("");
  await expect(page.locator("[data-row]")).toHaveCount(12);
});

test("a click anywhere on a row opens the panel", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await row(page, "Priya Nair").getByText("Member", { exact: true }).click();
  await expect(panel(page)).toContainText("Priya Nair");
});

test("candidates are searched while one types, and the form around keeps what stands in it", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  const asked = await ask(page, "Ada Lovelace", "Activate…", "Activate Ada Lovelace?");
  await expect(page.getByRole("dialog", { name: "Activate Ada Lovelace?" })).toBeVisible();
  await asked.getByRole("radio", { name: /Deactivate someone else/ }).check();
  await asked.getByLabel("Reason").fill("kept");
  await asked.getByRole("searchbox", { name: "Search people" }).fill("ben");
  await expect(asked.getByRole("radio", { name: /Jonas Weber/ })).toHaveCount(0);
  await expect(asked.getByRole("radio", { name: /Ben Okafor/ })).toBeVisible();
  await expect(asked.getByLabel("Reason")).toHaveValue("kept");
  await cancel(page);
  await expect(question(page)).toHaveCount(0);
});

test("a dialog keeps the page below, and gives the focus back", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users?view=active");
  await ask(page, "Ben Okafor", "Deactivate…", "Deactivate Ben Okafor?");
  await expect(page).toHaveURL(/view=active$/);
  await expect(page.getByRole("dialog").getByLabel("Reason")).toBeFocused();
  await cancel(page);
  await expect(page).toHaveURL(/view=active$/);
  expect(await names(page)).toContain("Ben Okafor");
  const menu = await openMenu(page, "Ben Okafor");
  await page.keyboard.press("Escape");
  await expect(menu).toHaveCount(0);
});

test.describe("with a desk of its own", () => {
  test.use({ ownDesk: true });

  test("a dialog whose server is gone keeps what was typed", async ({ page, signIn, context }) => {
    await signIn("owner");
    await page.goto("/users");
    const asked = await ask(page, "Ben Okafor", "Deactivate…", "Deactivate Ben Okafor?");
    await asked.getByLabel("Reason").fill("typed before");
    await context.route("**/deactivation*", (route) => route.fulfill({ status: 502, contentType: "text/html", body: "" }));
    await asked.getByRole("button", { name: "Deactivate" }).click();
    await expect(asked.getByRole("alert")).toBeVisible();
    await expect(asked.getByLabel("Reason")).toHaveValue("typed before");
    await context.unroute("**/deactivation*");
    await asked.getByRole("button", { name: "Deactivate" }).click();
    await expect(toast(page)).toContainText("Ben Okafor is deactivated.");
    await toast(page).getByRole("button", { name: "Dismiss" }).click();
    await expect(toast(page)).toHaveCount(0);
  });
});
