// Customers and their organizations: the steps are those of users, the words and what goes with them differ.

import { expect, test } from "../support/desk.ts";
import { answer, ask, cancel, deactivate, expectNoOverflow, meter, panel, question, row, toast } from "../support/steps.ts";

test.use({ ownDesk: true }); // every test changes what others look at

const GLOBEX = "/customers?q=globex.example";

test("a customer is deactivated, keeps organization and license count, and comes back by undo", async ({ page, signIn, axe }) => {
  await signIn("administrator");
  await page.goto(GLOBEX);
  const asked = await ask(page, "Cleo Park", "Deactivate…", "Deactivate Cleo Park?");
  await expect(asked.locator(".effects-now")).toContainText("Cannot sign in to the portal any more");
  await expect(asked.locator(".effects-now")).not.toContainText("license");
  await expect(asked.locator(".effects-stays")).toContainText("Organization Globex");
  await axe();
  await cancel(page);

  await deactivate(page, "Cleo Park", { reason: "Changed employers" });
  await expect(toast(page)).toContainText("Stays in organization Globex");
  await expect(toast(page)).not.toContainText("license");
  const cleo = row(page, "Cleo Park");
  await expect(cleo).toContainText("Deactivated");
  await expect(cleo).toContainText("Changed employers");
  await expect(cleo).toContainText("Globex");
  await expect(meter(page)).toHaveText("10 of 10 licenses");
  await axe();
  await expectNoOverflow(page);

  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(toast(page)).toContainText("Cleo Park is active again");
  await page.goto(GLOBEX);
  await expect(cleo.getByText("Deactivated")).toHaveCount(0);
  await expect(cleo).toContainText("Active");
});

test("a customer comes back with all licenses in use", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto(GLOBEX);
  const asked = await ask(page, "Dario Conti", "Activate…", "Activate Dario Conti?");
  await expect(asked).not.toContainText("license");
  await answer(page, "Activate");
  await expect(toast(page)).toContainText("Dario Conti is active again.");
  await expect(row(page, "Dario Conti")).toContainText("Active");
  await expect(meter(page)).toHaveText("10 of 10 licenses");
});

test("a customer becomes a user only with a license, which the question offers to add", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto(GLOBEX);
  const asked = await ask(page, "Cleo Park", "Convert to user…", "Make Cleo Park a user?");
  await expect(asked).toContainText("All licenses are in use.");
  await expect(asked).toContainText("EUR 12.00 per month");
  await expect(asked).toContainText("Leaves organization Globex");
  await axe();
  await answer(page, "Convert to user");
  await expect(asked.getByRole("alert")).toContainText("licenses");
  await expect(meter(page)).toHaveText("10 of 10 licenses");

  await asked.getByRole("checkbox", { name: /Add a license/ }).check();
  await answer(page, "Convert to user");
  await expect(toast(page)).toContainText("Cleo Park is a user now.");
  await expect(toast(page)).toContainText("1 license added: 11 of 11 in use");
  await expect(page).toHaveURL(/\/users\/.+/);
  await expect(panel(page)).toContainText("Member");
  await expect(meter(page)).toHaveText("11 of 11 licenses");
  await page.goto(GLOBEX);
  await expect(row(page, "Cleo Park")).toHaveCount(0);
});

test("an organization is refused a domain of another, made, changed and deleted; its customers stay", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/organizations");
  const make = async (name: string, domains: string) => {
    await page.getByLabel("New organization").fill(name);
    await page.getByLabel("Email domains").fill(domains);
    await page.getByRole("button", { name: "Create" }).click();
  };
  await make("Umbra Works", "globex.example");
  await expect(page.locator(".has-error")).toContainText("globex.example");
  await expect(page.getByLabel("New organization")).toHaveValue("Umbra Works");
  await axe();
  await expectNoOverflow(page);
  await make("Umbra Works", "umbra.example");
  await expect(toast(page)).toContainText("The organization Umbra Works is made.");

  await page.getByRole("textbox", { name: "Name" }).fill("Umbra");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Umbra" })).toBeVisible();
  await expect(page.getByLabel("Email domains")).toHaveValue("umbra.example");
  await expectNoOverflow(page);

  await page.goto("/organizations?q=globex");
  await page.getByRole("link", { name: /Globex/ }).click();
  await page.getByRole("link", { name: "Delete…" }).click();
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("Delete the organization Globex?");
  await expect(question(page)).toContainText("Its 2 customers stay, without an organization.");
  await axe();
  await answer(page, "Delete the organization");
  await expect(toast(page)).toContainText("The organization Globex is deleted.");
  await page.goto(GLOBEX);
  await expect(row(page, "Cleo Park")).toContainText("No organization");
});

test("a customer of a known domain joins its organization", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/customers");
  await page.getByRole("link", { name: "New customer" }).click();
  await question(page).getByLabel("Name").fill("Ines Duarte");
  await question(page).getByLabel("Email").fill("ines@globex.example");
  await question(page).getByRole("checkbox", { name: /Invite to the portal/ }).uncheck();
  await question(page).locator("button.primary").click();
  await expect(toast(page)).toContainText("Ines Duarte");
  await page.goto(GLOBEX);
  await expect(row(page, "Ines Duarte")).toContainText("Globex");
});

test("every place is reached from a phone, the rest behind one button", async ({ page, signIn, viewport, axe }) => {
  await signIn("owner");
  await page.goto("/customers");
  const main = page.getByRole("navigation", { name: "Main" });
  const narrow = (viewport?.width ?? 0) < 600;
  for (const place of ["Organizations", "Audit log", "Settings", "Users"]) {
    const beside = narrow && place !== "Users";
    if (beside) await main.getByRole("button", { name: "More" }).click();
    await axe();
    await main.getByRole("link", { name: place, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: place })).toBeVisible();
    await expectNoOverflow(page);
  }
  await expect(main.getByRole("button", { name: "More" })).toHaveCount(narrow ? 1 : 0);
});
