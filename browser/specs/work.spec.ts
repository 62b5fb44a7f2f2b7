// The lists of tickets and tasks, one's own work, projects, changing many and handing over.

import { expect, test } from "../support/desk.ts";
import { previewMany } from "../support/screens.ts";
import { expectNoOverflow, question, toast } from "../support/steps.ts";

const titles = async (page: import("@playwright/test").Page): Promise<string[]> => page.locator("[data-row] .line-title").allTextContents();
const views = (page: import("@playwright/test").Page) => page.getByRole("navigation", { name: "Views" });

test("a member lands on their own work, what is overdue at the top", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/");
  await expect(page).toHaveURL(/\/mine$/);
  await expect(page.getByRole("heading", { level: 1, name: "My work" })).toBeVisible();
  await expect(page.locator(".group-row").first()).toHaveText("Overdue");
  await expect(page.locator("[data-row]").first().locator(".is-overdue")).toBeVisible();
  const assigned = Number((await views(page).getByRole("link", { name: /^Assigned/ }).textContent())?.match(/\d+/)?.[0]);
  await expect(page.locator("[data-row]")).toHaveCount(assigned);
  await views(page).getByRole("link", { name: /^Mentioned/ }).click();
  await expect(page.locator(".mention-list [data-row]").first()).toBeVisible();
  await views(page).getByRole("link", { name: /^Following/ }).click();
  await expect(page.locator("[data-row]").first()).toBeVisible();
  await expectNoOverflow(page);
});

test("tabs, filters and search narrow a list, and go again one by one", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/tickets");
  await views(page).getByRole("link", { name: /^Held by deactivated people/ }).click();
  await expect(page).toHaveURL(/assignee=deactivated/);
  const held = await titles(page);
  expect(held.length).toBeGreaterThan(0);
  await expect(page.locator("[data-row]").first().locator(".is-deactivated")).toContainText("Deactivated");
  await page.locator("summary", { hasText: "Filter" }).click();
  const form = page.locator(".filter-form");
  await form.locator("select[name=due]").selectOption("Overdue");
  await form.locator("select[name=assignee]").selectOption("Anyone");
  await form.getByRole("textbox", { name: "Requester" }).fill("Cleo Park");
  await form.getByRole("button", { name: "Apply" }).click();
  const inForce = page.getByRole("group", { name: "In force" });
  await expect(inForce).toContainText("Requested by Cleo Park");
  await expect(page).toHaveURL(/requester=/);
  await inForce.getByRole("link", { name: /^Due: overdue/ }).click();
  await expect(inForce).not.toContainText("Due");
  await inForce.getByRole("link", { name: "Clear all" }).click();
  await expect(inForce).toHaveCount(0);
  const search = page.getByRole("searchbox", { name: "Search tickets" });
  await search.fill("zzzz");
  await search.press("Enter");
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
});

test.describe("what changes the work", () => {
  test.use({ ownDesk: true });

  test("an item is added by its title, and by all that is known of it", async ({ page, signIn }) => {
    await signIn("member");
    await page.goto("/tickets?assignee=me");
    await page.getByLabel("New ticket, assigned to you").fill("The lift is stuck");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(toast(page)).toContainText(/Ticket #\d+ is made/);
    await expect(toast(page).getByRole("link", { name: "The lift is stuck" })).toHaveAttribute("href", /\/items\/\d+/);
    expect((await titles(page))[0]).toBe("The lift is stuck");
    await page.goto("/tasks");
    await page.getByRole("link", { name: "New task" }).click();
    await question(page).getByLabel("Title").fill("Call the lift people");
    await question(page).getByLabel("Assigned to").fill("nobody at all");
    await question(page).getByRole("button", { name: "Create the task" }).click();
    await expect(question(page).locator(".has-error")).toContainText("Nobody has this name or address.");
    await question(page).getByLabel("Assigned to").fill("Mei Tanaka");
    await question(page).getByLabel("Tags").fill("lift, urgent");
    await question(page).getByRole("button", { name: "Create the task" }).click();
    await expect(toast(page)).toContainText("Call the lift people");
    await expect(page.locator("[data-row]").first()).toContainText("Mei Tanaka");
    await expect(page.locator("[data-row]").first()).toContainText("lift");
  });

  test("many items are previewed, changed, and handed over with an undo", async ({ page, signIn }) => {
    await signIn("member");
    await page.goto("/tickets?assignee=deactivated");
    const before = await titles(page);
    await previewMany(page, "New");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Change 2 items?");
    await page.getByRole("button", { name: /^Change \d items?$/ }).click();
    await expect(page).toHaveURL(/assignee=deactivated/);
    await expect(toast(page)).toContainText(/now\./);
    await previewMany(page, "Hand over…");
    await expect(page.getByRole("heading", { level: 1, name: /Hand over/ })).toBeVisible();
    const giver = page.getByRole("heading", { name: "Whose work" });
    if (await giver.count()) await page.locator("input[name=from]").first().check();
    await page.getByRole("searchbox", { name: "Search users" }).fill("Ben");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("radio", { name: /Ben Okafor/ }).check();
    if (await giver.count()) await page.locator("input[name=from]").first().check();
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.locator(".share-list")).toContainText("Ben Okafor");
    await page.getByRole("button", { name: /^Hand over \d items?$/ }).click();
    await expect(toast(page)).toContainText(/handed over/);
    expect((await titles(page)).length).toBeLessThan(before.length);
    await toast(page).getByRole("button", { name: "Undo" }).click();
    await expect(toast(page)).toContainText(/as before/);
    expect((await titles(page)).length).toBe(before.length);
  });

  test("a project is made, gets people and items, and is archived", async ({ page, signIn }) => {
    await signIn("member");
    await page.goto("/projects");
    await page.getByRole("link", { name: "New project" }).first().click();
    await question(page).getByLabel("Name").fill("New lift");
    await question(page).getByLabel("Description").fill("With *doors*.");
    await question(page).getByRole("button", { name: "Create the project" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "New lift" })).toBeVisible();
    await expect(page.locator(".prose em")).toHaveText("doors");
    await page.getByLabel("New task or ticket in this project").fill("Measure the shaft");
    await page.getByRole("button", { name: "Add task" }).click();
    expect(await titles(page)).toEqual(["Measure the shaft"]);
    await page.getByLabel("Add somebody").fill("Ben Okafor");
    await page.getByRole("button", { name: "Assign", exact: true }).click();
    await expect(page.getByRole("region", { name: "Assigned" })).toContainText("Ben Okafor");
    await page.getByLabel("Add somebody").fill("Ada Lovelace");
    await page.getByRole("button", { name: "Let follow" }).click();
    await expect(page.locator(".has-error")).toContainText(/eactivated/);
    await page.getByRole("button", { name: "Archive" }).click();
    await expect(page.getByRole("button", { name: "Reopen" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Add task" })).toHaveCount(0);
    await page.goto("/projects?state=archived");
    await expect(page.locator(".team-row")).toContainText("New lift");
  });

  test("the panel of a person says what they hold, and a deactivation offers to give it away", async ({ page, signIn }) => {
    await signIn("owner");
    await page.goto("/users?q=Mei");
    await page.getByRole("row").filter({ hasText: "Mei Tanaka" }).getByRole("link", { name: "Mei Tanaka" }).click();
    const work = page.getByRole("region", { name: "Work" });
    await expect(work).toContainText("Assigned");
    await expect(work.getByRole("link", { name: "All tickets" }).first()).toBeVisible();
    await page.getByRole("complementary").getByRole("link", { name: "Deactivate…" }).click();
    await question(page).getByRole("checkbox", { name: /Then choose who gets/ }).check();
    await question(page).getByRole("button", { name: "Deactivate" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Hand over the work of Mei Tanaka" })).toBeVisible();
    await expect(toast(page)).toContainText("Mei Tanaka is deactivated.");
  });
});
