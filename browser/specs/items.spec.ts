// An item's page: reading, answering, giving it to people; and what a deactivated person meets there.

import type { Page } from "@playwright/test";

import { expect, signInByForm, test } from "../support/desk.ts";
import { answer, deactivate, expectNoOverflow, question, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

/** The facts beside the conversation. */
const facts = (page: Page) => page.getByRole("complementary", { name: "Details" });

/** Makes a request in the portal; answers the path of its item at the desk. */
async function makeRequest(page: Page, title: string, text: string): Promise<string> {
  await page.goto("/portal");
  await page.getByRole("link", { name: "New request" }).first().click();
  await page.getByLabel("What is it about?").fill(title);
  await page.getByLabel("Tell us more").fill(text);
  await page.getByRole("button", { name: "Send request" }).click();
  await expect(toast(page)).toContainText("Your request is sent.");
  return `/items/${new URL(page.url()).pathname.split("/").pop()}`;
}

test("a customer asks, a user answers, gives it to others and closes it, and its history says so", async ({ page, desk, signIn, another, axe }) => {
  test.slow();
  const portal = await another();
  await signInByForm(desk, desk.signIn("customer"), portal);
  const path = await makeRequest(portal, "The lift stops between floors", "Since **Monday**.");
  await expectNoOverflow(portal);
  await axe(portal);

  await signIn("owner");
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("The lift stops between floors");
  await expect(page.getByText("Since Monday.").locator("strong")).toHaveText("Monday");
  await expect(facts(page)).toContainText("Nobody is assigned");
  await page.getByLabel("Message").fill("Which of the two lifts?");
  await page.getByRole("button", { name: "Send reply" }).click();
  await expect(toast(page)).toContainText("Your reply is sent.");
  await page.getByRole("radio", { name: "Note" }).check();
  await expect(page.getByText("Only users see this.", { exact: true })).toBeVisible();
  await page.getByLabel("Message").fill("It is always the left one.");
  await axe();
  await page.getByRole("button", { name: "Save note" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "It is always the left one." })).toContainText("only users see this");

  await portal.reload();
  await expect(portal.getByText("Which of the two lifts?")).toBeVisible();
  await expect(portal.getByText("It is always the left one.")).toHaveCount(0);

  await page.getByRole("button", { name: "Assign to me" }).click();
  await expect(facts(page)).toContainText("Olivia Brandt");
  await page.getByRole("link", { name: "Assign somebody" }).click();
  await expect(question(page).getByRole("button", { name: "Assign Ada Lovelace" })).toHaveCount(0);
  await axe();
  await question(page).getByRole("button", { name: "Assign Mei Tanaka" }).click();
  await expect(facts(page)).toContainText("Mei Tanaka");
  await facts(page).getByRole("button", { name: "Unassign Olivia Brandt" }).click();
  await expect(facts(page).getByRole("button", { name: "Unassign Olivia Brandt" })).toHaveCount(0);

  await page.getByRole("link", { name: "Edit the details" }).click();
  await question(page).getByLabel("Priority").selectOption("Urgent");
  await question(page).getByLabel("Tags").fill("lift, building");
  await answer(page, "Save");
  await expect(facts(page)).toContainText("Urgent");
  await expect(facts(page)).toContainText("building");
  await page.getByRole("link", { name: "Edit title and description" }).click();
  await question(page).getByLabel("Title").fill("The left lift stops between floors");
  await answer(page, "Save");
  await expect(page.getByRole("heading", { level: 1, name: "The left lift stops between floors" })).toBeVisible();
  await facts(page).getByRole("button", { name: "Done" }).click();
  await expect(facts(page).getByRole("button", { name: "Done" })).toHaveAttribute("aria-pressed", "true");
  await expectNoOverflow(page);

  await page.getByRole("link", { name: "History" }).click();
  for (const line of ["changed the status from New to Done", "changed the title from", /assigned.*Mei Tanaka/, "took it on"]) {
    await expect(page.getByRole("listitem").filter({ hasText: line }).first()).toBeVisible();
  }
  await axe();
  await expectNoOverflow(page);

  await portal.reload();
  await expect(portal.getByText("Your reply opens it again.")).toBeVisible();
  await portal.getByRole("button", { name: "Reopen" }).click();
  await expect(toast(portal)).toContainText("open again");
  await portal.getByRole("button", { name: "Close the request" }).click();
  await expect(toast(portal)).toContainText("closed");
  await portal.goto("/portal");
  await portal.getByRole("link", { name: "Finished" }).click();
  await expect(portal.getByRole("link", { name: "The left lift stops between floors" })).toBeVisible();
  await expectNoOverflow(portal);
});

test("rule 04 somebody deactivated is transparent and labelled wherever an item shows them", async ({ page, desk, signIn, another }) => {
  await signIn("owner");
  await page.goto("/items/3");
  const [panel, talk] = [facts(page).locator(".is-deactivated"), page.locator(".message .is-deactivated")];
  for (const chip of [panel.first(), talk.first()]) {
    await expect(chip).toContainText("Ada Lovelace (Deactivated)");
    await expect(chip).toHaveAttribute("title", "Ada Lovelace (Deactivated)");
  }
  const portal = await another();
  await signInByForm(desk, desk.signIn("customer"), portal);
  const path = await makeRequest(portal, "Who works on this?", "");
  await page.goto(path);
  await page.getByRole("link", { name: "Assign somebody" }).click();
  await question(page).getByRole("button", { name: "Assign Mei Tanaka" }).click();
  await page.goto("/users");
  await deactivate(page, "Mei Tanaka");
  await portal.reload();
  await expect(portal.locator(".request-people .is-deactivated")).toContainText("Mei Tanaka (Deactivated)");
});

test("rule 03 a reply half written when its author is deactivated is refused, says so, and can be copied", async ({ page, desk, signIn, another, axe }) => {
  const portal = await another();
  const cleo = desk.signIn("customer");
  await signInByForm(desk, cleo, portal);
  await makeRequest(portal, "A question", "");
  await portal.getByLabel("Message").fill("Half of a long answer");
  await signIn("owner");
  await page.goto("/customers?q=globex.example");
  await deactivate(page, cleo.name);
  await portal.getByRole("button", { name: "Send" }).click();
  await expect(portal.getByRole("heading", { level: 1 })).toHaveText("Your account is deactivated");
  await expect(portal.getByRole("alert")).toContainText("Nothing was sent.");
  await expect(portal.getByRole("textbox")).toHaveValue("Half of a long answer");
  await axe(portal);
});

test("files go with a message, pictures are shown, and what is not taken leaves the words", async ({ page, desk, signIn, another, axe }) => {
  const portal = await another();
  await signInByForm(desk, desk.signIn("customer"), portal);
  const path = await makeRequest(portal, "The screen flickers", "");
  const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  await portal.getByLabel("Message").fill("Like this.");
  await portal.getByLabel("Files").setInputFiles([
    { name: "screen.png", mimeType: "image/png", buffer: pixel },
    { name: "log <b>.txt", mimeType: "text/plain", buffer: Buffer.from("flick, flick") },
  ]);
  await portal.getByRole("button", { name: "Send" }).click();
  await expect(toast(portal)).toContainText("Your reply is sent.");
  await axe(portal);
  await expectNoOverflow(portal);

  await signIn("owner");
  await page.goto(path);
  await expect(page.getByRole("img", { name: "screen.png" })).toHaveJSProperty("naturalWidth", 1);
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "log <b>.txt" }).click();
  expect((await waiting).suggestedFilename()).toMatch(/^log .b..txt$/);
  await page.getByLabel("Message").fill("Try this.");
  await page.getByLabel("Files").setInputFiles({ name: "fix.exe", mimeType: "application/octet-stream", buffer: Buffer.from("MZ") });
  await page.getByRole("button", { name: "Send reply" }).click();
  await expect(page.getByRole("alert")).toContainText("Files such as fix.exe are not taken here");
  await expect(page.getByLabel("Message")).toHaveValue("Try this.");
  await axe();
});
