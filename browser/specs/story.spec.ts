// The heart: somebody leaves, somebody comes back, nothing is lost.

import { expect, test } from "../support/desk.ts";
import { answer, ask, cancel, choose, deactivate, inDays, meter, openMenu, panel, question, row, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

test("rule 06 with all licenses in use, another user makes room in one step, and undo gives both back", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/users");
  await expect(meter(page)).toHaveText("10 of 10 licenses");
  await expect(row(page, "Ada Lovelace")).toContainText("Extended leave until March");

  const asked = await ask(page, "Ada Lovelace", "Activate…", "Activate Ada Lovelace?");
  await expect(asked).toContainText("All 10 licenses are in use.");
  await expect(asked).toContainText("EUR 12.00 per month");
  await cancel(page);
  await expect(question(page)).toHaveCount(0);
  await expect(row(page, "Ada Lovelace")).toContainText("Deactivated");
  await expect(meter(page)).toHaveText("10 of 10 licenses");

  await ask(page, "Ada Lovelace", "Activate…", "Activate Ada Lovelace?");
  await asked.getByRole("radio", { name: /Deactivate someone else/ }).check();
  await asked.getByRole("radio", { name: /Ben Okafor/ }).check();
  await asked.getByLabel("Reason").fill("Ada is back");
  await axe();
  await answer(page, "Activate");

  await expect(toast(page)).toContainText("Ada Lovelace is active again.");
  await expect(toast(page)).toContainText("Ben Okafor is deactivated");
  await expect(toast(page)).toContainText("10 of 10 in use");
  await expect(row(page, "Ada Lovelace")).toContainText("Active");
  await expect(row(page, "Ben Okafor")).toContainText("Ada is back");
  await axe();

  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(toast(page)).toContainText("Undone.");
  await expect(toast(page)).toContainText("Ben Okafor is active again");
  await expect(row(page, "Ada Lovelace")).toContainText("Extended leave until March");
  await expect(row(page, "Ben Okafor")).toContainText("Active");
  await expect(meter(page)).toHaveText("10 of 10 licenses");
});

test("rule 06 a license is added and taken in one step", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await ask(page, "Ada Lovelace", "Activate…", "Activate Ada Lovelace?");
  await question(page).getByRole("radio", { name: /Add a license/ }).check();
  await answer(page, "Activate");
  await expect(toast(page)).toContainText("1 license added: 11 of 11 in use");
  await expect(meter(page)).toHaveText("11 of 11 licenses");
  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(toast(page)).toContainText("1 added license is given up again");
  await expect(meter(page)).toHaveText("10 of 10 licenses");
});

test("rule 06 nobody chosen to make room is asked for again", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await ask(page, "Ada Lovelace", "Activate…", "Activate Ada Lovelace?");
  await question(page).getByRole("radio", { name: /Deactivate someone else/ }).check();
  await question(page).getByLabel("Reason").fill("kept while asked again");
  await answer(page, "Activate");
  await expect(question(page).getByRole("alert")).toContainText("Choose someone.");
  await expect(question(page).getByLabel("Reason")).toHaveValue("kept while asked again");
  await question(page).getByRole("searchbox", { name: "Search people" }).fill("ben");
  await question(page).getByRole("button", { name: "Search" }).click();
  await expect(question(page).getByRole("radio", { name: /Jonas Weber/ })).toHaveCount(0);
  await expect(question(page).getByRole("radio", { name: /Ben Okafor/ })).toBeVisible();
});

test("rule 01 and 02 a deactivation says what it does, frees the license and can be undone", async ({ page, signIn, axe }) => {
  await signIn("administrator");
  await page.goto("/users");
  const asked = await ask(page, "Mei Tanaka", "Deactivate…", "Deactivate Mei Tanaka?");
  const happens = asked.locator(".effects-now");
  await expect(happens).toContainText("Cannot sign in any more");
  await expect(happens).toContainText("1 session ends");
  await expect(happens).toContainText("1 license is freed");
  await expect(asked.locator(".effects-stays")).toContainText("Profile, settings and password");
  await expect(asked.locator(".effects-stays")).toContainText("Team Support");
  await axe();

  await asked.getByLabel("Reason").fill("On leave");
  await asked.getByLabel("Review on").fill(inDays(-1));
  await answer(page, "Deactivate");
  await expect(asked.locator(".has-error")).toContainText("later than today");
  await expect(asked.getByLabel("Reason")).toHaveValue("On leave");
  await asked.getByLabel("Review on").fill(inDays(40));
  await answer(page, "Deactivate");

  await expect(toast(page)).toContainText("Mei Tanaka is deactivated.");
  await expect(toast(page)).toContainText("1 session ended");
  await expect(toast(page)).toContainText("1 license is free again (9 of 10 in use)");
  await expect(toast(page)).toContainText("Stays in team Support");
  await expect(meter(page)).toHaveText("9 of 10 licenses");
  const mei = row(page, "Mei Tanaka");
  await expect(mei.getByText("Deactivated")).toHaveCount(1);
  await expect(mei).toContainText("On leave");
  await expect(mei).toContainText("Review");
  await expect(mei).toContainText("Support");
  await expect(mei.locator(".face")).toHaveCSS("background-color", /\/ 0\.45\)$/);

  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(toast(page)).toContainText("Mei Tanaka is active again");
  await expect(toast(page)).toContainText("Ended sessions stay ended");
  await expect(meter(page)).toHaveText("10 of 10 licenses");
  await expect(mei.getByText("Deactivated")).toHaveCount(0);
});

test("an undo whose license is taken meanwhile leads to the ways to get another", async ({ page, signIn, another }) => {
  await signIn("owner");
  await page.goto("/users");
  await deactivate(page, "Ben Okafor");
  const other = await another();
  await signIn("administrator", other);
  await other.goto("/users");
  await choose(other, "Ada Lovelace", "Activate…");
  await answer(other, "Activate");
  await expect(toast(other)).toContainText("Ada Lovelace is active again.");

  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("Activate Ben Okafor?");
  await expect(page.locator(".toast")).toContainText("its license has been taken meanwhile");
});

test("rule 10 deactivating somebody who is deactivated meanwhile changes nothing and says so", async ({ page, signIn, another }) => {
  await signIn("owner");
  await page.goto("/users");
  const asked = await ask(page, "Ben Okafor", "Deactivate…", "Deactivate Ben Okafor?");
  const other = await another();
  await signIn("administrator", other);
  await other.goto("/users");
  await deactivate(other, "Ben Okafor", { reason: "First" });
  await asked.getByLabel("Reason").fill("Second");
  await answer(page, "Deactivate");
  await expect(page.getByText(/deactivated already/).first()).toBeVisible();
  await page.goto("/users");
  await expect(row(page, "Ben Okafor")).toContainText("First");
});

test("rule 07 a delete counts what goes and asks for the address and one's own password", async ({ page, signIn, desk, axe }) => {
  await signIn("owner");
  await page.goto("/users");
  const asked = await ask(page, "Mei Tanaka", "Delete…", "Delete Mei Tanaka for good?");
  await expect(asked.locator(".effects-goes")).toContainText("Password and 1 open session");
  await expect(asked.locator(".effects-leaves")).toContainText("Team Support");
  await expect(asked.locator(".effects-leaves")).toContainText(/\d+ items as assignee/);
  await expect(asked.locator(".effects-goes")).not.toContainText("license");
  await expect(asked.locator(".effects-frees")).toContainText("1 license: 9 of 10 in use then");
  await expect(asked.getByRole("link", { name: "Deactivate instead" })).toBeVisible();
  await axe();

  const password = desk.signIn("owner").password;
  const fill = async (email: string, own: string) => {
    await asked.getByLabel("Email address").fill(email);
    await asked.getByLabel("Your own password").fill(own);
    await answer(page, "Delete Mei Tanaka");
  };
  await fill("mei@acme.example", "not my password");
  await expect(asked.locator(".has-error")).toContainText(/password/i);
  await fill("somebody@acme.example", password);
  await expect(asked.locator(".has-error")).toContainText(/address/i);
  await expect(meter(page)).toHaveText("10 of 10 licenses");

  await fill("mei@acme.example", password);
  await expect(toast(page)).toContainText("Mei Tanaka is deleted.");
  await expect(toast(page)).toContainText(/Taken out of \d+ items as assignee/);
  await expect(row(page, "Mei Tanaka")).toHaveCount(0);
  await expect(meter(page)).toHaveText("9 of 10 licenses");
  await expect(toast(page).getByRole("button", { name: "Undo" })).toHaveCount(0);
});

test("rule 09 who cannot be deactivated or deleted is not offered it, and told why", async ({ page, signIn, desk }) => {
  await signIn("administrator");
  await page.goto("/users");
  const actions = async (name: string) => {
    const menu = await openMenu(page, name);
    const labels = (await menu.getByRole("link").allTextContents()).map((label) => label.trim());
    await page.keyboard.press("Escape");
    return labels;
  };
  for (const name of ["Olivia Brandt", "Samir Haddad"]) {
    const offered = await actions(name);
    expect(offered).not.toContain("Deactivate…");
    expect(offered).not.toContain("Delete…");
  }
  await row(page, "Olivia Brandt").getByRole("link", { name: "Olivia Brandt" }).click();
  await expect(panel(page)).toContainText("The owner cannot be deactivated.");
  const owner = new URL(page.url()).pathname;
  await page.goto(`${owner}/deactivation`);
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("The owner cannot be deactivated");
  await page.goto("/users");
  await row(page, "Samir Haddad").getByRole("link", { name: "Samir Haddad" }).click();
  await expect(page).toHaveURL(/\/users\/.+/);
  await page.goto(`${new URL(page.url()).pathname}/deactivation`);
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("You cannot deactivate yourself");
  expect(desk.signIn("administrator").name).toBe("Samir Haddad");
});
