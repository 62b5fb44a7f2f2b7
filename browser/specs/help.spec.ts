// The customer apps beside the portal: the help centre, written at the desk and read by customers, and the request form.

import type { Page } from "@playwright/test";

import { expect, signInByForm, test } from "../support/desk.ts";
import { answer, expectNoOverflow, question, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

/** Sets the customer apps up as an administrator does. */
async function setApps(page: Page, set: (page: Page) => Promise<void>): Promise<void> {
  await page.goto("/settings/apps");
  await set(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("The customer apps are saved.");
}

const card = (page: Page, name: string) => page.getByRole("region", { name });

/** Fills the request form in as Dario, who is deactivated, and sends it. */
async function sendRequest(page: Page, form: string, title: string): Promise<void> {
  await page.goto(form);
  await page.getByLabel("Your name").fill("Dario Conti");
  await page.getByLabel("Your email address").fill("dario@globex.example");
  await page.getByLabel("What is it about?").fill(title);
  await page.getByLabel("Your message").fill("It blinks, and then it stops.");
  await page.getByRole("button", { name: "Send request" }).click();
}

test("an article is written, previewed, published, found by everybody, and deleted", async ({ page, signIn, another, axe }) => {
  await signIn("member");
  await page.goto("/articles");
  await page.locator("#add").click();
  // The list has a field of a like name.
  await expect(page).toHaveURL(/\/articles\/new$/);
  await page.getByLabel("Title", { exact: true }).fill("Clean the screen");
  await page.getByLabel("Section").fill("Kiosks");
  await page.getByRole("textbox", { name: "Text" }).fill("Use a **dry** cloth.");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.locator("#preview strong")).toHaveText("dry");
  await expect(page.getByLabel("Title")).toHaveValue("Clean the screen");
  await axe();
  await page.getByRole("button", { name: "Save as draft" }).click();
  await expect(toast(page)).toContainText("Customers do not see it yet.");

  const guest = await another();
  const home = new URL("/help", page.url()).href;
  await guest.goto(`${home}/clean-the-screen`);
  await expect(guest.getByText("Error 404")).toBeVisible();
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(toast(page)).toContainText("The article is published.");
  await axe();
  await expectNoOverflow(page);

  await guest.goto(home);
  await guest.getByLabel("Search the help centre").fill("dry CLOTH");
  await guest.getByRole("button", { name: "Search" }).click();
  await guest.getByRole("link", { name: /Clean the screen/ }).click();
  await expect(guest.getByRole("heading", { level: 1 })).toHaveText("Clean the screen");
  await axe(guest);
  await expectNoOverflow(guest);

  await page.getByRole("link", { name: "Delete" }).click();
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("Delete “Clean the screen”?");
  await answer(page, "Delete the article");
  await expect(toast(page)).toContainText("is deleted.");
  await guest.reload();
  await expect(guest.getByText("Error 404")).toBeVisible();
});

test("articles and sections are put in order", async ({ page, signIn }) => {
  await signIn("member");
  await page.goto("/articles");
  const titles = () => page.locator(".article-title .row-link").allTextContents();
  const first = (await titles()).slice(0, 2);
  await page.getByRole("button", { name: `Move ${first[1] ?? ""} up` }).click();
  await expect.poll(async () => (await titles()).slice(0, 2)).toEqual([...first].reverse());
  const sections = () => page.locator(".article-section h2").allTextContents();
  const before = await sections();
  await page.getByRole("button", { name: `Move ${before[1] ?? ""} up` }).click();
  await expect.poll(async () => (await sections()).slice(0, 2)).toEqual(before.slice(0, 2).reverse());
});

test("rule 08 what needs login keeps a deactivated customer out, and what is open stays open", async ({ page, desk, signIn, another, axe }) => {
  await signIn("owner");
  const cleo = await another();
  await signInByForm(desk, desk.signIn("customer"), cleo);
  await cleo.getByRole("link", { name: "Help centre" }).click();
  await expect(cleo.getByRole("heading", { level: 1, name: "Help centre" })).toBeVisible();
  await setApps(page, (page) => card(page, "Help centre").getByRole("checkbox", { name: "It needs login" }).check());
  await page.goto("/customers?q=cleo");
  await page.getByRole("button", { name: "Actions for Cleo Park" }).click();
  await page.getByRole("link", { name: "Deactivate…" }).click();
  await answer(page, "Deactivate");
  await expect(toast(page)).toContainText("Cleo Park is deactivated.");
  await cleo.reload();
  await expect(cleo.getByRole("heading", { level: 1, name: "Your account is deactivated" })).toBeVisible();
  const guest = await another();
  await guest.goto(`${desk.url}/help/restart-a-kiosk`);
  await expect(guest).toHaveURL(/\/portal\/sign-in\?next=%2Fhelp%2Frestart-a-kiosk$/);
  await setApps(page, (page) => card(page, "Help centre").getByRole("checkbox", { name: "It needs login" }).uncheck());
  for (const reader of [cleo, guest]) {
    await reader.goto(`${desk.url}/help/restart-a-kiosk`);
    await expect(reader.getByRole("heading", { level: 1 })).toHaveText("Restart a kiosk");
  }
  await axe(cleo);
});

test("rule 08 an anonymous request of a deactivated customer is flagged, held or refused", async ({ page, signIn, another, desk, axe }) => {
  await signIn("owner");
  const guest = await another();
  const open = (title: string) => sendRequest(guest, `${desk.url}/request`, title);
  await guest.goto(`${desk.url}/help`);
  await guest.getByRole("link", { name: "Ask us" }).click();
  await axe(guest);
  await expectNoOverflow(guest);
  await open("The first");
  await expect(guest.getByRole("heading", { level: 1 })).toHaveText("Your request is sent");
  await axe(guest);
  await page.goto("/tickets?q=The+first");
  await expect(page.getByRole("row").filter({ hasText: "The first" })).toContainText("Flagged");
  await page.getByRole("link", { name: "The first" }).click();
  await expect(page.getByRole("note")).toContainText("from the address of somebody who was deactivated");
  await axe();
  await page.getByRole("button", { name: "Take the flag away" }).click();
  await expect(page.getByRole("note")).toContainText("Nobody has proved that the address is the requester’s.");

  await setApps(page, (page) => page.getByRole("radio", { name: "Held for review" }).check());
  for (const title of ["The second", "The third"]) {
    await open(title);
    await expect(guest.getByRole("heading", { level: 1 })).toHaveText("Your request is sent");
  }
  await page.goto("/tickets");
  await page.getByRole("link", { name: "2 requests are held for review" }).click();
  await axe();
  await expectNoOverflow(page);
  await page.getByRole("button", { name: "Accept The second" }).click();
  await expect(toast(page)).toContainText("The request is ticket #");
  await page.getByRole("link", { name: "Discard The third" }).click();
  await answer(page, "Discard the request");
  await expect(page.getByRole("heading", { name: "Nothing waits for review" })).toBeVisible();

  await setApps(page, (page) => page.getByRole("radio", { name: "Refused with an answer" }).check());
  await open("The fourth");
  await expect(guest.getByRole("alert")).toHaveText("Requests from this address are not accepted. Nothing was sent.");
  await expect(guest.getByText("020 7946 0991")).toBeVisible();
  await axe(guest);
});
