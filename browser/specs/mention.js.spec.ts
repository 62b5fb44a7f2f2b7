// What a script adds to a message: it offers whom to mention while one types.

import type { Page } from "@playwright/test";

import { expect, test } from "../support/desk.ts";
import { expectNoOverflow, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

const offer = (page: Page) => page.getByRole("listbox", { name: "Whom to mention" });
const message = (page: Page) => page.getByLabel("Message");

test("@ and letters offer active users, and whoever is chosen is mentioned by the message sent", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/items/3");
  await message(page).pressSequentially("Ask @me");
  const mei = offer(page).getByRole("option", { name: "Mei Tanaka" });
  await expect(mei).toBeVisible();
  await expect(page.locator("#announce")).toHaveText(/^\d (person|people) to mention$/);
  await expect(offer(page).getByRole("option").first()).toHaveAttribute("aria-selected", "true");
  await expectNoOverflow(page);
  await axe();
  await message(page).press("ArrowDown");
  await message(page).press("ArrowUp");
  await expect(mei).toHaveAttribute("aria-selected", "true");
  await expect(message(page)).toHaveAttribute("aria-activedescendant", (await mei.getAttribute("id")) ?? "");
  await message(page).press("Enter");
  await expect(offer(page)).toHaveCount(0);
  await expect(message(page)).toBeFocused();
  await expect(message(page)).toHaveValue("Ask @mei@acme.example ");
  await expect(message(page)).not.toHaveAttribute("aria-activedescendant");
  await message(page).pressSequentially("about it.");
  await page.getByRole("button", { name: "Send reply" }).click();
  await expect(toast(page)).toContainText("Your reply is sent.");
  await expect(page.getByRole("listitem").filter({ hasText: "about it." }).locator("a.mention")).toHaveText("@Mei Tanaka");
});

test("nobody deactivated is offered", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/items/3");
  await message(page).pressSequentially("@ol");
  await expect(offer(page).getByRole("option", { name: "Olivia Brandt" })).toBeVisible();
  await message(page).fill("");
  const answered = page.waitForResponse(/\/mentions\?q=lovelace$/);
  await message(page).pressSequentially("@lovelace");
  expect((await (await answered).text()).trim()).toBe("");
  await expect(offer(page)).toHaveCount(0);
});

test("Tab and a click choose, Esc closes and stays in the field, and other texts offer nothing", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/items/3");
  await message(page).pressSequentially("@tana");
  await expect(offer(page)).toBeVisible();
  await message(page).press("Tab");
  await expect(message(page)).toBeFocused();
  await expect(message(page)).toHaveValue("@mei@acme.example ");

  // In the middle of a text, by mouse; what follows stays, and one blank is enough.
  await message(page).fill("Then  decides.");
  await message(page).press("Home");
  for (let step = 0; step < 5; step += 1) await message(page).press("ArrowRight");
  await message(page).pressSequentially("@TANA");
  await offer(page).getByRole("option", { name: "Mei Tanaka" }).click();
  await expect(message(page)).toHaveValue("Then @mei@acme.example decides.");
  await expect(message(page)).toBeFocused();

  await message(page).fill("");
  await message(page).pressSequentially("@tan");
  await expect(offer(page)).toBeVisible();
  await message(page).press("Escape");
  await expect(offer(page)).toHaveCount(0);
  await expect(message(page)).toBeFocused();
  // Closed is closed for this word, and Enter is a new line again.
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/mentions")) asked.push(request.url());
  });
  await message(page).pressSequentially("a");
  await message(page).press("Enter");
  await message(page).pressSequentially("mei@tan and @ alone");
  await page.waitForTimeout(500);
  expect(asked).toEqual([]);
  await expect(message(page)).toHaveValue("@tana\nmei@tan and @ alone");
});
