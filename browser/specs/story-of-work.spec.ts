// The heart, with the work that hangs on it: Ada leaves, others use her license, she comes back and finds everything
// as it was; a customer likewise; and a delete takes them out of it, as counted.

import type { Page } from "@playwright/test";

import { expect, signInByForm, test } from "../support/desk.ts";
import type { SignIn, Server } from "../support/server.ts";
import { answer, ask, deactivate, meter, question, row, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

const facts = (page: Page) => page.getByRole("complementary", { name: "Details" });

function named(desk: Server, name: string): SignIn {
  const found = desk.signIns.find((one) => one.name === name);
  if (found === undefined) throw new Error(`nobody signs in as ${name}`);
  return found;
}

/** What stands on My work: each list with its count, and the items in their order. */
async function myWork(page: Page): Promise<string[]> {
  await page.goto("/mine");
  const counts = await page.locator("main h2").allTextContents();
  const items = await page.locator("main a[href^='/items/']").allTextContents();
  return [...counts, ...items].map((text) => text.replace(/\s+/g, " ").trim());
}

/** The path of an item that is assigned to them and in which they have written. */
async function oneOfHers(page: Page, name: string): Promise<string> {
  await page.goto("/mine");
  const paths = await page.locator("main a[href^='/items/']").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  for (const path of new Set(paths.map((path) => path.split("#")[0] ?? ""))) {
    await page.goto(path);
    const assigned = await facts(page).getByRole("button", { name: `Unassign ${name}` }).count();
    const wrote = await page.locator(".message-by").filter({ hasText: name }).count();
    if (assigned > 0 && wrote > 0) return path;
  }
  throw new Error(`${name} has no item in which they have written`);
}

/** The number before some words in a list of what happens. */
async function counted(list: ReturnType<Page["locator"]>, words: RegExp): Promise<number> {
  const text = await list.innerText();
  const found = words.exec(text);
  if (found?.[1] === undefined) throw new Error(`${words} is not in ${text}`);
  return Number(found[1]);
}

async function tryToSignIn(page: Page, door: string, { email, password }: SignIn): Promise<void> {
  await page.goto(`${door}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** What an open page of somebody deactivated meets. */
async function refused(page: Page, path: string): Promise<void> {
  expect((await page.goto(path))?.status()).toBe(403);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your account is deactivated");
}

/** Types what a delete asks for, and confirms it. */
async function deleteFor(page: Page, who: SignIn, password: string): Promise<void> {
  await question(page).getByLabel("Email address").fill(who.email);
  await question(page).getByLabel("Your own password").fill(password);
  await answer(page, `Delete ${who.name}`);
  await expect(toast(page)).toContainText(`${who.name} is deleted.`);
}

/** Makes a request in the portal; answers its number. */
async function makeRequest(page: Page, title: string): Promise<string> {
  await page.goto("/portal/requests/new");
  await page.getByLabel("What is it about?").fill(title);
  await page.getByRole("button", { name: "Send request" }).click();
  await expect(toast(page)).toContainText("Your request is sent.");
  await page.getByLabel("Message").fill("It is the one on the left.");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(toast(page)).toContainText("Your reply is sent.");
  return new URL(page.url()).pathname.split("/").pop() ?? "";
}

test("rule 02 and 06 Ada leaves, Ben uses her license, and she comes back to everything as it was", async ({ page, desk, signIn, another }) => {
  test.slow();
  const [ada, ben] = [named(desk, "Ada Lovelace"), { ...named(desk, "Ada Lovelace"), name: "Ben Okafor", email: "ben@acme.example" }];
  await signIn("owner");
  await page.goto("/users");
  await ask(page, ada.name, "Activate…", "Activate Ada Lovelace?");
  await question(page).getByRole("radio", { name: /Deactivate someone else/ }).check();
  await question(page).getByRole("radio", { name: /Ben Okafor/ }).check();
  await answer(page, "Activate");
  await expect(toast(page)).toContainText("Ada Lovelace is active again.");

  const hers = await another();
  await signInByForm(desk, ada, hers);
  const before = await myWork(hers);
  expect(before.length, before.join("; ")).toBeGreaterThan(5);
  const item = await oneOfHers(hers, ada.name);

  await page.goto("/users");
  await deactivate(page, ada.name, { reason: "On leave" });
  await expect(meter(page)).toHaveText("9 of 10 licenses");
  await expect(row(page, ada.name).getByText("Deactivated")).toHaveCount(1);
  await expect(row(page, ada.name).locator(".face")).toHaveCSS("background-color", /\/ 0\.45\)$/);
  await page.goto(item);
  for (const chip of [facts(page).locator(".is-deactivated").first(), page.locator(".message .is-deactivated").first()]) {
    await expect(chip).toContainText("Ada Lovelace (Deactivated)");
    await expect(chip.locator("span.face")).toHaveCSS("background-color", /\/ 0\.45\)$/);
  }
  await page.getByRole("link", { name: "Assign somebody" }).click();
  await expect(question(page).getByRole("button", { name: `Assign ${ada.name}` })).toHaveCount(0);

  await refused(hers, "/mine");
  await tryToSignIn(hers, "", ada);
  await expect(hers.getByRole("heading", { level: 1 })).toContainText("deactivated");
  await hers.goto("/mine");
  await expect(hers.getByRole("heading", { level: 1, name: "My work" })).toHaveCount(0);

  // Her license is free: Ben has it for a while.
  await page.goto("/users");
  await ask(page, ben.name, "Activate…", "Activate Ben Okafor?");
  await answer(page, "Activate");
  await expect(meter(page)).toHaveText("10 of 10 licenses");
  const his = await another();
  await signInByForm(desk, ben, his);
  await his.goto("/tickets");
  await expect(his.getByRole("heading", { level: 1 })).toHaveText("Tickets");
  await deactivate(page, ben.name);
  await refused(his, "/tickets");

  await ask(page, ada.name, "Activate…", "Activate Ada Lovelace?");
  await answer(page, "Activate");
  await expect(toast(page)).toContainText("Ada Lovelace is active again.");
  await expect(meter(page)).toHaveText("10 of 10 licenses");
  await signInByForm(desk, ada, hers);
  expect(await myWork(hers)).toEqual(before);
  await page.goto(item);
  await expect(facts(page).getByRole("button", { name: "Unassign Ada Lovelace" })).toBeVisible();
  await expect(facts(page).locator(".is-deactivated").filter({ hasText: ada.name })).toHaveCount(0);
});

test("rule 08 a deactivated customer stays requester and follower, and finds the request again when they are back", async ({ page, desk, signIn, another }) => {
  test.slow();
  const cleo = named(desk, "Cleo Park");
  const portal = await another();
  await signInByForm(desk, cleo, portal);
  const number = await makeRequest(portal, "The lift stops between floors");
  await portal.goto("/portal/requests");
  const before = await portal.locator("main a[href^='/portal/requests/']").allTextContents();

  await signIn("owner");
  await page.goto(`/items/${number}/followers`);
  await question(page).getByRole("searchbox").fill("cleo");
  await question(page).getByRole("button", { name: "Search" }).click();
  await question(page).getByRole("button", { name: /Cleo Park/ }).click();
  await expect(facts(page).getByRole("button", { name: /Cleo Park/ }).first()).toBeVisible();
  const held = facts(page).getByText("Cleo Park");
  const times = await held.count();
  expect(times, "requester and follower").toBeGreaterThanOrEqual(2);

  await page.goto("/customers?q=globex.example");
  await deactivate(page, cleo.name);
  await refused(portal, "/portal/requests");
  await tryToSignIn(portal, "/portal", cleo);
  await expect(portal.getByRole("heading", { level: 1 })).toContainText("deactivated");
  await page.goto(`/items/${number}`);
  await expect(held).toHaveCount(times);
  expect(await facts(page).locator(".is-deactivated").filter({ hasText: cleo.name }).count()).toBeGreaterThanOrEqual(2);
  await expect(page.locator(".message .is-deactivated").first()).toContainText("Cleo Park (Deactivated)");

  await page.goto("/customers?q=globex.example");
  await ask(page, cleo.name, "Activate…", "Activate Cleo Park?");
  await answer(page, "Activate");
  await expect(toast(page)).toContainText("Cleo Park is active again.");
  await signInByForm(desk, cleo, portal);
  await portal.goto("/portal/requests");
  expect(await portal.locator("main a[href^='/portal/requests/']").allTextContents()).toEqual(before);
  await portal.goto(`/portal/requests/${number}`);
  await expect(portal.getByText("It is the one on the left.")).toBeVisible();
});

test("rule 07 a delete takes somebody out of their work as it counted, and what they wrote stays", async ({ page, desk, signIn, another }) => {
  test.slow();
  const [ada, cleo, own] = [named(desk, "Ada Lovelace"), named(desk, "Cleo Park"), desk.signIn("owner").password];
  const portal = await another();
  await signInByForm(desk, cleo, portal);
  const number = await makeRequest(portal, "The lift stops between floors");

  await signIn("owner");
  const tab = page.getByRole("link", { name: /^Held by deactivated people/ });
  await page.goto("/tickets?assignee=deactivated");
  const heldBefore = await counted(tab, /(\d+)\s*$/);
  await page.goto("/users?view=deactivated");
  await row(page, ada.name).getByRole("link", { name: ada.name }).click();
  await expect(page).toHaveURL(/\/users\/[0-9a-f-]+/);
  const path = new URL(page.url()).pathname;
  await page.goto(`${path}/deletion`);
  const assigned = await counted(question(page), /(\d+) items? (?:assigned|as assignee)/);
  const messages = await counted(question(page), /(\d+) messages?, without their name/);
  expect(assigned).toBeGreaterThan(0);
  expect(messages).toBeGreaterThan(0);
  await deleteFor(page, ada, own);
  await page.goto("/tickets?assignee=deactivated");
  expect(await page.getByText(ada.name).count(), "nobody holds it any more").toBe(0);
  const heldAfter = (await tab.count()) === 0 ? 0 : Number(/(\d+)\s*$/.exec(await tab.innerText())?.[1] ?? 0);
  expect(heldAfter).toBeLessThan(heldBefore);
  expect(heldBefore - heldAfter).toBeLessThanOrEqual(assigned);
  await page.goto("/items/3");
  await expect(page.getByText(ada.name)).toHaveCount(0);
  await expect(page.locator(".message-by").filter({ hasText: "Deleted user" }).first()).toBeVisible();
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).not.toContainText(ada.name);

  await page.goto("/customers?q=globex.example");
  const dialog = await ask(page, cleo.name, "Delete…", "Delete Cleo Park for good?");
  expect(await counted(dialog, /(\d+) (?:requested items?|items? as requester)/)).toBeGreaterThan(0);
  await deleteFor(page, cleo, own);
  await expect(row(page, cleo.name)).toHaveCount(0);
  await page.goto(`/items/${number}`);
  await expect(page.getByText(cleo.name)).toHaveCount(0);
  await expect(page.locator(".message-by").filter({ hasText: "Deleted customer" }).first()).toBeVisible();
  await expect(page.getByText("It is the one on the left.")).toBeVisible();
  await portal.goto(`/portal/requests/${number}`);
  await expect(portal).toHaveURL(/\/portal\/sign-in/);
});
