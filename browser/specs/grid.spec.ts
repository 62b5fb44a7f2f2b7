// The users grid, for everybody: views, search, filters, order, groups, saved views, the panel.

import { expect, test } from "../support/desk.ts";
import { names, panel, question, row, toast } from "../support/steps.ts";

test("views have exact counts, and show those whom they name", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  const views = page.getByRole("navigation", { name: "Views" });
  await expect(views.getByRole("link")).toHaveText([/All\s+12/, /Active\s+9/, /Invited\s+1/, /Deactivated\s+2/, /Never signed in\s+1/]);
  const shown: [RegExp, string[]][] = [
    [/^Deactivated/, ["Ada Lovelace", "Helen Carter"]],
    [/^Invited/, ["Noor Rahman"]],
    [/^Never signed in/, ["Jonas Weber"]],
  ];
  for (const [view, people] of shown) {
    await views.getByRole("link", { name: view }).click();
    await expect(views.getByRole("link", { name: view })).toHaveAttribute("aria-current", "page");
    expect(await names(page)).toEqual(people);
  }
});

test("search finds any part of a name or address, also with an accent left out", async ({ page, signIn }) => {
  await signIn("administrator");
  await page.goto("/users");
  const search = page.getByRole("searchbox", { name: "Search users" });
  for (const [typed, found] of [["velac", "Ada Lovelace"], ["tomas", "Tomás Herrera"], ["priya@", "Priya Nair"]] as const) {
    await search.fill(typed);
    await search.press("Enter");
    await expect(page).toHaveURL((url) => url.searchParams.get("q") === typed);
    await expect(page.locator("[data-row]")).toHaveCount(1);
    await expect(row(page, found)).toBeVisible();
  }
  await search.fill("nobody at all");
  await search.press("Enter");
  await expect(page.getByRole("heading", { name: "Nobody matches" })).toBeVisible();
  await page.getByRole("link", { name: "Clear search and filters" }).click();
  await expect(page.locator("[data-row]")).toHaveCount(12);
});

test("filters narrow, stand as chips and go one by one", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await page.locator("summary", { hasText: "Filter" }).click();
  const form = page.locator(".filter-form");
  await form.getByLabel("Team").selectOption("Billing");
  await form.getByLabel("Status").selectOption("Active");
  await form.getByRole("button", { name: "Apply" }).click();
  await expect(page.locator("[data-row]")).toHaveCount(2);
  expect(await names(page)).toEqual(["Lucas Moreau", "Priya Nair"]);
  const inForce = page.getByRole("group", { name: "In force" });
  await inForce.getByRole("link", { name: /Status: active/ }).click();
  await expect(page.locator("[data-row]")).toHaveCount(3);
  await inForce.getByRole("link", { name: "Clear all" }).click();
  await expect(page.locator("[data-row]")).toHaveCount(12);
});

test("the order is by the column chosen, both ways", async ({ page, signIn }, { project }) => {
  test.skip(project.name === "phone", "a narrow screen has no column heads");
  await signIn("owner");
  await page.goto("/users");
  const byName = await names(page);
  expect(byName[0]).toBe("Ada Lovelace");
  const head = (name: string) => page.getByRole("columnheader", { name });
  await head("Person").getByRole("link").click();
  await expect(head("Person")).toHaveAttribute("aria-sort", "descending");
  expect(await names(page)).toEqual(byName.toReversed());
  await head("Created").getByRole("link").click();
  await expect(head("Created")).not.toHaveAttribute("aria-sort", "none");
  expect((await names(page)).toSorted()).toEqual(byName.toSorted());
  await page.goto("/users?sort=created&dir=asc");
  expect((await names(page))[0]).toBe("Olivia Brandt");
});

test("grouped by team, everybody stands under each of their teams, or under none", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await page.getByRole("link", { name: "Group by team" }).click();
  await expect(page.locator(".group-row")).toHaveText([/Billing\s+3/, /Onboarding\s+3/, /Support\s+6/, /No team\s+2/]);
  await expect(page.locator("[data-row]")).toHaveCount(14);
  await page.getByRole("link", { name: /Grouped by team/ }).click();
  await expect(page.locator("[data-row]")).toHaveCount(12);
});

test("the panel docks beside the grid, has its own address, and shows members less", async ({ page, signIn, another }) => {
  await signIn("owner");
  await page.goto("/users?view=deactivated");
  await row(page, "Ada Lovelace").getByRole("link", { name: "Ada Lovelace" }).click();
  await expect(page).toHaveURL(/\/users\/[0-9a-f-]+\?view=deactivated/);
  await expect(panel(page)).toContainText("Extended leave until March");
  await expect(panel(page).getByRole("heading", { name: "History" })).toBeVisible();
  const address = page.url();
  const mei = await another();
  await signIn("member", mei);
  await mei.goto(address);
  await expect(panel(mei)).toContainText("Ada Lovelace");
  await expect(panel(mei)).toContainText("Deactivated");
  await expect(panel(mei)).not.toContainText("Extended leave");
  await expect(panel(mei)).not.toContainText("Last sign-in");
  await panel(page).getByRole("link", { name: "Close details" }).click();
  await expect(panel(page)).toHaveCount(0);
  expect(await names(page)).toEqual(["Ada Lovelace", "Helen Carter"]);
});

test.describe("what is one's own", () => {
  test.use({ ownDesk: true });

  test("a view is saved as a tab, for its owner alone, and deleted", async ({ page, signIn, another }) => {
    await signIn("owner");
    await page.goto("/users?role=member&sort=email&dir=desc");
    await page.locator("summary", { hasText: "Save view" }).click();
    await page.getByLabel("Name of the view").fill("Members by address");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(toast(page)).toContainText("The view “Members by address” is saved.");
    const tab = page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: /^Members by address/ });
    await expect(tab).toHaveAttribute("aria-current", "page");
    await page.goto("/users");
    await tab.click();
    await expect(tab).toHaveAttribute("aria-current", "page");
    expect((await names(page))[0]).toBe("Tomás Herrera");
    const samir = await another();
    await signIn("administrator", samir);
    await samir.goto("/users");
    await expect(samir.getByRole("link", { name: "Members by address" })).toHaveCount(0);
    await page.getByRole("link", { name: "Delete the view Members by address" }).click();
    await question(page).getByRole("button", { name: "Delete the view" }).click();
    await expect(tab).toHaveCount(0);
  });
});
