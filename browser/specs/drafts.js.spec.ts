// What is typed is kept until it has arrived, and a question asks nothing by its first key.

import type { Page } from "@playwright/test";

import { expect, test } from "../support/desk.ts";
import { question, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

const message = (page: Page) => page.getByRole("textbox", { name: "Message" });

/** An open item of the list. */
async function anItem(page: Page): Promise<string> {
  await page.goto("/tickets");
  const path = await page.locator("[data-row] .row-link").first().getAttribute("href");
  if (path === null) throw new Error("there is no ticket");
  await page.goto(path);
  return path;
}

test("the picker of a requester begins at its search, and Enter takes nobody away", async ({ page, signIn }) => {
  await signIn("administrator");
  await anItem(page);
  await page.getByRole("link", { name: "Change the requester" }).click();
  const search = question(page).getByRole("searchbox");
  await expect(search).toBeFocused();
  await page.keyboard.type("cleo");
  await page.keyboard.press("Enter");
  await expect(question(page).locator(".pick-row")).toHaveCount(1);
  await expect(question(page)).toContainText("cleo@globex.example");
  await expect(toast(page)).toHaveCount(0);
});

test("a refused reply is kept, and the way back leads to the page where it was written", async ({ page, signIn, context }) => {
  await signIn("member");
  const path = await anItem(page);
  await message(page).fill("The part has come.");
  await context.clearCookies();
  await page.getByRole("button", { name: "Send reply" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You were signed out");
  const back = page.getByRole("link", { name: "Sign in again" });
  expect(decodeURIComponent((await back.getAttribute("href")) ?? "")).toContain(`next=${path}`);
  await signIn("member");
  await page.goto(path);
  await expect(message(page)).toHaveValue("The part has come.");
  await page.getByRole("button", { name: "Send reply" }).click();
  await expect(toast(page)).toContainText("Your reply is sent.");
  await expect(message(page)).toHaveValue("");
  await page.reload();
  await expect(message(page)).toHaveValue("");
});

test("a half-written edit of an article comes back, and can be discarded", async ({ page, signIn }) => {
  await signIn("administrator");
  await page.goto("/articles");
  await page.locator("main a[href^='/articles/']").filter({ hasNotText: "New" }).first().click();
  await page.getByRole("link", { name: "Edit" }).first().click();
  const text = page.locator("textarea[data-draft]").first();
  const before = await text.inputValue();
  await text.fill(`${before}\n\nOne line more.`);
  await page.goto("/tickets");
  await page.goBack();
  await page.reload();
  await expect(text).toHaveValue(/One line more\./);
  await expect(page.getByText("What you had begun is back.")).toBeVisible();
  await page.getByRole("button", { name: "Discard it" }).click();
  await expect(text).toHaveValue(before);
  await page.reload();
  await expect(text).toHaveValue(before);
});

test("Esc throws no description away at the first press", async ({ page, signIn }) => {
  await signIn("member");
  await anItem(page);
  await page.getByRole("link", { name: /Edit (title|the title)/ }).first().click();
  const field = question(page).locator("textarea").first();
  await field.fill("It began on Monday.");
  await page.keyboard.press("Escape");
  await expect(question(page)).toContainText("Press Esc once more");
  await expect(field).toHaveValue("It began on Monday.");
  await page.keyboard.press("Escape");
  await expect(question(page)).toHaveCount(0);
});
