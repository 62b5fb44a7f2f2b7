// Pages show things as they are, without being loaded again, and take nothing from under whoever works on them.

import type { Page } from "@playwright/test";

import { expect, signInByForm, test } from "../support/desk.ts";
import { deactivate, meter, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

/** An item that somebody is assigned to, from their own list. */
async function itemOf(page: Page): Promise<string> {
  await page.goto("/mine");
  const path = await page.locator("main a[href^='/items/']").first().getAttribute("href");
  if (path === null) throw new Error("nothing is assigned");
  return path.split("#")[0] ?? path;
}

const talk = (page: Page) => page.locator(".talk");
const reply = (page: Page) => page.getByRole("textbox", { name: "Message" });

/** Deactivates somebody in a window of its own. */
async function deactivateElsewhere(page: Page, name: string): Promise<void> {
  await page.goto("/users");
  await deactivate(page, name);
}

test("what others do appears on open pages", async ({ page, desk, another, signIn }) => {
  const member = desk.signIn("member");
  const colleague = await another();
  await signInByForm(desk, member, colleague);
  const path = await itemOf(colleague);

  // An open item, and an open list with the meter.
  await signIn("administrator");
  await page.goto(path);
  const list = await another();
  await signInByForm(desk, desk.signIn("owner"), list);
  await list.goto("/users");
  const used = (await meter(list).textContent()) ?? "";
  await colleague.goto(path);
  await reply(colleague).fill("The valve is on order.");
  await colleague.getByRole("button", { name: "Send reply" }).click();
  await expect(talk(page)).toContainText("The valve is on order.");

  // Somebody half way through a reply keeps it, and sees what comes.
  await reply(page).fill("Half a sen");
  await reply(colleague).fill("It has come.");
  await colleague.getByRole("button", { name: "Send reply" }).click();
  await expect(talk(page)).toContainText("It has come.");
  await expect(reply(page)).toHaveValue("Half a sen");
  await expect(reply(page)).toBeFocused();

  // Deactivated in one window: transparent in another, and the license is free there.
  const admin = await another();
  await signInByForm(desk, desk.signIn("administrator"), admin);
  await deactivateElsewhere(admin, member.name);
  await expect(page.locator(".item-panel .is-deactivated").first()).toContainText(member.name);
  await expect(list.locator("[data-row]", { hasText: member.name }).locator(".is-deactivated").first()).toBeVisible();
  await expect(meter(list)).not.toHaveText(used);
});

test("a page of somebody deactivated says so at once, and keeps what was typed", async ({ page, desk, another, signIn }) => {
  const member = desk.signIn("member");
  await signInByForm(desk, member, page);
  await page.goto(await itemOf(page));
  await reply(page).fill("I was just about to say");
  const admin = await another();
  await signIn("administrator", admin);
  await deactivateElsewhere(admin, member.name);
  const notice = page.getByRole("alert");
  await expect(notice).toContainText("deactivated");
  await expect(notice).toContainText("What you type here stays");
  await expect(reply(page)).toHaveValue("I was just about to say");
  expect(page.url()).toContain("/items/");
});

test("marked rows and an offered undo stay while others work", async ({ page, desk, another, signIn }) => {
  const member = desk.signIn("member");
  await signIn("administrator");
  await page.goto("/users");
  await page.locator(".pick-box input").first().check();
  const other = await another();
  await signInByForm(desk, desk.signIn("owner"), other);
  await deactivateElsewhere(other, member.name);
  // The offer of the one who did it outlasts what is told of it.
  await expect(other.locator("[data-row]", { hasText: member.name }).locator(".is-deactivated").first()).toBeVisible();
  await other.waitForTimeout(1500);
  await expect(toast(other).getByRole("button", { name: "Undo" })).toBeVisible();
  await expect(page.locator(".pick-box input:checked")).toHaveCount(1);
  await page.locator(".pick-box input:checked").uncheck();
  await expect(page.locator("[data-row]", { hasText: member.name }).locator(".is-deactivated").first()).toBeVisible();
});

test("a reply appears in the portal, and the page of a deactivated customer says so and keeps what was typed", async ({ page, desk, another, signIn }) => {
  const customer = desk.signIn("customer");
  await signInByForm(desk, customer, page);
  await page.goto("/portal");
  await page.locator(".request-row").first().click();
  await expect(page).toHaveURL(/\/portal\/requests\/\d+/);
  const number = /\d+$/.exec(page.url())?.[0] ?? "";
  const user = await another();
  await signIn("administrator", user);
  await user.goto(`/items/${number}`);
  await reply(user).fill("We have found the cause.");
  await user.getByRole("button", { name: "Send reply" }).click();
  await expect(page.locator(".talk")).toContainText("We have found the cause.");
  await reply(page).fill("Thank you, and one more");
  await user.goto("/customers");
  await deactivate(user, customer.name);
  const notice = page.getByRole("alert");
  await expect(notice).toContainText("deactivated");
  await expect(reply(page)).toHaveValue("Thank you, and one more");
});
