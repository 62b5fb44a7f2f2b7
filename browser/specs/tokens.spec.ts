// API tokens: made with the password, shown once, suspended with their owner, restored if asked.

import { expect, test } from "../support/desk.ts";
import { answer, ask, question, toast, wholly } from "../support/steps.ts";

test.use({ ownDesk: true });

test("rule 01 and 06 a token is refused from its owner's deactivation on, and comes back only if asked for", async ({ page, signIn, another, desk, axe }) => {
  const mei = await another();
  await signIn("member", mei);
  await mei.goto("/me/tokens");
  await axe(mei);
  await mei.getByLabel("What it is for").fill("Nightly report");
  await mei.getByRole("checkbox", { name: /^read/ }).check();
  await mei.getByLabel("Your own password").fill("not my password at all");
  await mei.getByRole("button", { name: "Make the token" }).click();
  await expect(mei.getByText("The password is not right.")).toBeVisible();
  await expect(mei.getByLabel("What it is for")).toHaveValue("Nightly report");
  await mei.getByLabel("Your own password").fill(desk.signIn("member").password);
  await mei.getByRole("button", { name: "Make the token" }).click();
  const secret = await question(mei).getByLabel("The token, shown this once").inputValue();
  await axe(mei);
  await wholly(question(mei).getByLabel("The token, shown this once"));
  const status = async () => (await mei.request.get("/api/v1/me", { headers: { authorization: `Bearer ${secret}` } })).status();
  expect(await status()).toBe(200);
  // Loading the page anew sends the form again: one token is made, and its secret is shown once.
  await mei.reload();
  await expect(question(mei).getByRole("heading", { level: 1 })).toHaveText("The token Nightly report was made already");
  await axe(mei);
  await question(mei).getByRole("link", { name: "To the tokens" }).click();
  await expect(mei.getByText("Nightly report", { exact: true })).toHaveCount(1);

  await signIn("administrator");
  await page.goto("/users");
  const asked = await ask(page, "Mei Tanaka", "Deactivate…", "Deactivate Mei Tanaka?");
  await expect(asked).toContainText("1 API token is suspended");
  await answer(page, "Deactivate");
  await expect(toast(page)).toContainText("1 API token suspended");
  expect(await status()).toBe(401);

  await page.goto("/settings/tokens");
  await expect(page.getByText("Suspended with a deactivation")).toBeVisible();
  await axe();
  await page.goto("/users?view=deactivated");
  const back = await ask(page, "Mei Tanaka", "Activate…", "Activate Mei Tanaka?");
  await back.getByRole("checkbox", { name: /Restore their 1 suspended API token/ }).check();
  await answer(page, "Activate");
  await expect(toast(page)).toContainText("1 API token restored");
  expect(await status()).toBe(200);

  await page.goto("/settings/tokens");
  await page.getByRole("link", { name: "Revoke the token Nightly report" }).click();
  await answer(page, "Revoke the token");
  await expect(toast(page)).toContainText("The token is revoked.");
  expect(await status()).toBe(401);
});

test("a directory is connected for users or for customers, and its address is wholly in sight", async ({ page, signIn, desk, axe }) => {
  await signIn("administrator");
  await page.goto("/settings/scim");
  const [users, customers] = [page.getByRole("radio", { name: /^Users and their teams/ }), page.getByRole("radio", { name: /^Customers/ })];
  await expect(users).toBeChecked();
  await customers.check();
  await expect(users).not.toBeChecked();
  await wholly(page.getByLabel("Address", { exact: true }));
  await wholly(page.getByLabel("Tenant URL"));
  await axe();
  await page.getByLabel("What it is for").fill("Entra ID");
  await page.getByLabel("Your own password").fill(desk.signIn("administrator").password);
  await page.getByRole("button", { name: "Make the token" }).click();
  const secret = question(page).getByLabel("The token, shown this once");
  await expect(secret).toHaveValue(/^tnr_/);
  await wholly(secret);
  await page.reload();
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("The token Entra ID was made already");
  await question(page).getByRole("link", { name: "To the tokens" }).click();
  await expect(page.getByText("Entra ID", { exact: true })).toHaveCount(1);
  await expect(page.getByText("Customers", { exact: true }).first()).toBeVisible();
});

test("the strip of the settings shows the tab one is on, and the page says which it is", async ({ page, signIn }) => {
  await signIn("administrator");
  for (const [path, name] of [["/settings/tokens", "API tokens"], ["/settings/scim", "SCIM"], ["/settings/webhooks", "Webhooks"], ["/settings/ownership", "Ownership"]] as const) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
    const tab = page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name, exact: true });
    await expect(tab).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => scrollY), "only the strip has moved").toBe(0);
  }
});
