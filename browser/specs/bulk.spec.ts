// Many people at once: selected in the grid, previewed, done, listed and undone. Without scripts the checkboxes and the
// bar are a form like any other.

import { expect, test } from "../support/desk.ts";
import { row, toast } from "../support/steps.ts";

test.use({ ownDesk: true }); // it changes what others look at

test("selected users are deactivated after a preview, and all come back by one undo", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/users?view=active");
  await expect(page.getByRole("button", { name: "Preview…" })).toBeHidden();
  for (const name of ["Mei Tanaka", "Olivia Brandt"]) await page.getByRole("checkbox", { name: `Select ${name}` }).check();
  await axe();
  await page.getByRole("combobox", { name: "What to do with them" }).selectOption("deactivate");
  await page.getByRole("button", { name: "Preview…" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Deactivate 1 user" })).toBeVisible();
  await expect(page.getByText("The owner cannot be deactivated.").first()).toBeVisible();
  await axe();
  await page.getByRole("textbox", { name: /Reason/ }).fill("The branch closes");
  await page.getByRole("button", { name: "Deactivate 1 user" }).click();

  await expect(toast(page)).toContainText("1 user is deactivated.");
  await expect(page.getByText("2 of 2 dealt with")).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Undo for all" }).click();
  await expect(page.getByText("1 user is as before.").first()).toBeVisible();
  await page.goto("/users?view=active");
  await expect(row(page, "Mei Tanaka")).toBeVisible();
});

test("the brake is set on its page", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/settings/brake");
  await axe();
  await page.getByRole("spinbutton", { name: "Share in percent" }).fill("20");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("The brake is set.");
  await expect(page.getByRole("spinbutton", { name: "Share in percent" })).toHaveValue("20");
});
