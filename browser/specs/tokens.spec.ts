// API tokens: made with the password, shown once, suspended with their owner, restored if asked.

import { expect, test } from "../support/desk.ts";
import { answer, ask, question, toast } from "../support/steps.ts";

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
  const status = async () => (await mei.request.get("/api/v1/me", { headers: { authorization: `Bearer ${secret}` } })).status();
  expect(await status()).toBe(200);
  await question(mei).getByRole("link", { name: "Done" }).click();
  await expect(mei.getByText("Nightly report", { exact: true })).toBeVisible();

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
