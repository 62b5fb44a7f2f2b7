// Webhooks: made, verified by the official library of Standard Webhooks, looked up in the log, sent again.

import { expect, test } from "../support/desk.ts";
import { Receiver } from "../support/receiver.ts";
import { answer, deactivate, question, toast, wholly } from "../support/steps.ts";

test.use({ ownDesk: true });

test("an event arrives that the library of the specification verifies, and what fails is seen and sent again", async ({ page, signIn, axe }) => {
  const receiver = await Receiver.start();
  await signIn("owner");
  await page.goto("/settings/webhooks");
  await expect(page.getByText("The workspace has none yet.")).toBeVisible();
  await axe();
  await page.getByLabel("Name", { exact: true }).fill("Directory");
  await page.getByLabel("Address").fill("ftp://directory.example");
  await page.getByRole("button", { name: "Make the webhook" }).click();
  await expect(page.getByText("This must begin with https://.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Directory");
  await axe();
  await page.getByLabel("Address").fill(receiver.url);
  // The choice opens with its radio button, and what is offered says alone what happened.
  const types = page.getByRole("checkbox", { name: "Person deactivated" });
  await expect(types).toBeHidden();
  await page.getByRole("radio", { name: "What I choose below" }).check();
  await axe();
  await types.check();
  await page.getByRole("checkbox", { name: "Person activated" }).check();
  await page.getByRole("button", { name: "Make the webhook" }).click();
  receiver.secret = await question(page).getByLabel("The secret, shown this once").inputValue();
  expect(receiver.secret).toMatch(/^whsec_/);
  await wholly(question(page).getByLabel("The secret, shown this once"));
  await axe();
  await question(page).getByRole("link", { name: "Done" }).click();
  await expect(page.getByText("Nothing was sent yet")).toBeVisible();
  const hook = page.url();
  await axe();

  await page.getByRole("button", { name: "Send a test event" }).click();
  await page.waitForURL(/\/deliveries\//);
  await expect.poll(() => receiver.taken.map((one) => one.type)).toEqual(["webhook.test"]);
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("204 No Content")).toBeVisible({ timeout: 500 });
  }).toPass();
  await axe();

  // Nobody who does not know the secret is believed.
  receiver.status = 503;
  await page.goto("/users");
  await deactivate(page, "Mei Tanaka");
  await expect(async () => {
    await page.goto(`${hook}?state=pending`);
    await expect(page.getByRole("link", { name: "person.deactivated" })).toBeVisible({ timeout: 500 });
    await expect(page.getByText(/\d attempts?/).first()).toBeVisible({ timeout: 500 });
    await expect(page.getByText("Mei Tanaka (Deactivated)")).toBeVisible({ timeout: 500 });
    await expect(page.getByText("503 Service Unavailable").first()).toBeVisible({ timeout: 500 });
  }).toPass();
  await axe();
  receiver.status = 204;
  await expect.poll(() => receiver.taken.map((one) => one.type), { timeout: 20_000 }).toEqual(["webhook.test", "person.deactivated"]);
  const sent = receiver.taken[1];
  expect(sent?.data["id"]).toBe(sent?.id);
  expect(JSON.stringify(sent)).not.toContain("Mei");

  // Sent again by hand it carries the same id, and after a new secret it is signed with both.
  await expect(async () => {
    await page.goto(`${hook}?state=delivered`);
    await page.getByRole("link", { name: "person.deactivated" }).click({ timeout: 500 });
  }).toPass();
  await expect(page.getByText(receiver.url)).toBeVisible();
  expect(JSON.parse(await page.getByLabel("Body, as it is sent").inputValue())).toMatchObject({ type: "person.deactivated", data: { id: sent?.id } });
  await axe();
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(toast(page)).toContainText("It is sent again, with the same id.");
  await expect.poll(() => receiver.taken.length).toBe(3);
  expect(receiver.taken[2]?.id).toBe(sent?.id);
  await page.goto(hook);
  await page.getByRole("link", { name: "New secret…" }).click();
  await answer(page, "Make a new secret");
  const former = receiver.secret;
  const next = await question(page).getByLabel("The secret, shown this once").inputValue();
  await question(page).getByRole("link", { name: "Done" }).click();
  for (const [number, secret] of [former, next].entries()) {
    receiver.secret = secret;
    await page.goto(hook);
    await page.getByRole("button", { name: "Send a test event" }).click();
    await expect.poll(() => receiver.taken.length).toBe(4 + number);
  }
  expect(receiver.refused).toEqual([]);

  await page.goto(hook);
  await page.getByRole("button", { name: "Switch off" }).click();
  await expect(page.getByText("It is off: nothing is sent", { exact: false })).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Delete…" }).click();
  await axe();
  await answer(page, "Delete the webhook");
  await expect(toast(page)).toContainText("The webhook is deleted.");
  await expect(page.getByText("The workspace has none yet.")).toBeVisible();
  await receiver.stop();
});

test("all of a group is chosen at once, and a form that is loaded anew makes nothing again", async ({ page, signIn, javaScriptEnabled }) => {
  await signIn("owner");
  await page.goto("/settings/webhooks");
  await page.getByLabel("Name", { exact: true }).fill("Groups");
  await page.getByLabel("Address").fill("http://127.0.0.1:9/in");
  await page.getByRole("radio", { name: "What I choose below" }).check();
  const all = page.getByRole("group", { name: "Teams and organizations" }).getByRole("checkbox", { name: "All of this group" });
  await all.check();
  if (javaScriptEnabled !== false) {
    await expect(page.getByRole("checkbox", { name: "Team created" })).toBeChecked();
    await page.getByRole("checkbox", { name: "Team deleted" }).uncheck();
    await expect(all).not.toBeChecked();
    await page.getByRole("checkbox", { name: "Team deleted" }).check();
    await expect(all).toBeChecked();
  }
  await page.getByRole("button", { name: "Make the webhook" }).click();
  await expect(question(page).getByLabel("The secret, shown this once")).toHaveValue(/^whsec_/);
  await page.reload();
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("The webhook Groups was made already");
  await question(page).getByRole("link", { name: "To the webhook", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Groups");
  await expect(page.getByText("team.created", { exact: true })).toBeVisible();
  await page.goto("/settings/webhooks");
  await expect(page.getByRole("link", { name: "Groups" })).toHaveCount(1);
});
