// What only a script can do on an item's page: keep what is half written while something else is changed.

import { expect, test } from "../support/desk.ts";
import { answer, question } from "../support/steps.ts";

test.use({ ownDesk: true });

test("what is half written stays through a press, a dialog and a reload, and goes when it is sent", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/items/3");
  const message = page.getByLabel("Message");
  await message.fill("Half of a long answer");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(page.getByRole("button", { name: "Open", exact: true })).toHaveAttribute("aria-pressed", "true");
  await expect(message).toHaveValue("Half of a long answer");
  await page.getByRole("link", { name: "Edit title and description" }).click();
  await question(page).getByLabel("Title").fill("Another title");
  await answer(page, "Save");
  await expect(page.getByRole("heading", { level: 1, name: "Another title" })).toBeVisible();
  await expect(message).toHaveValue("Half of a long answer");
  await page.reload();
  await expect(message).toHaveValue("Half of a long answer");
  // A note stays one: as a reply customers would read it.
  await page.getByRole("radio", { name: "Note" }).check();
  await page.getByRole("button", { name: "Waiting", exact: true }).click();
  await expect(page.getByRole("button", { name: "Waiting", exact: true })).toHaveAttribute("aria-pressed", "true");
  await expect(message).toHaveValue("Half of a long answer");
  await expect(page.getByRole("radio", { name: "Note" })).toBeChecked();
  await page.goto("/items/4");
  await expect(message).toHaveValue("");
  await expect(page.getByRole("radio", { name: "Reply" })).toBeChecked();
  await page.goto("/items/3");
  await message.press("Control+Enter");
  await expect(page.getByRole("listitem").filter({ hasText: "Half of a long answer" })).toBeVisible();
  await page.reload();
  await expect(message).toHaveValue("");
});
