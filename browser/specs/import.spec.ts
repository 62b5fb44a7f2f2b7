// People from a file: sent, looked at, confirmed. Without scripts each step is a form and a page.

import type { Page } from "@playwright/test";

import { expect, test } from "../support/desk.ts";
import { sendFile } from "../support/screens.ts";
import { expectNoOverflow, row, toast } from "../support/steps.ts";

test.use({ ownDesk: true }); // it changes what others look at

const GOOD = '\ufeffName,Email,Organization\r\n"Quinn ""Q"" Moss",QUINN@north.example,Northwind\r\nRae Sund,rae@north.example,Northwind\r\n';

/** From the grid to the preview of a file. */
async function preview(page: Page, app: "users" | "customers", text: string): Promise<void> {
  await page.goto(`/${app}`);
  await page.getByRole("link", { name: "Import", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Import ${app}` })).toBeVisible();
  await sendFile(page, text);
}

test("customers come in from a file, and a second time nothing changes", async ({ page, signIn, axe }) => {
  test.slow(); // the whole way, twice
  await signIn("owner");
  await preview(page, "customers", GOOD);
  await expect(page.getByText("2 customers are added")).toBeVisible();
  await expect(page.getByText("1 organization is made")).toBeVisible();
  await axe();
  await expectNoOverflow(page);
  await page.getByRole("button", { name: "Import 2 customers" }).click();
  await expect(page.getByText("2 customers were added.")).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Show the latest customers" }).click();
  await expect(row(page, 'Quinn "Q" Moss')).toBeVisible();

  await preview(page, "customers", GOOD);
  await expect(page.getByText("Nothing changes")).toBeVisible();
  await expect(page.getByText("2 customers stay as they are")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Import/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Remove the file" }).click();
  await expect(toast(page)).toContainText("The file is removed.");
});

test("confirmed in two windows, a file is imported once", async ({ page, context, signIn }) => {
  await signIn("owner");
  await preview(page, "customers", GOOD);
  const other = await context.newPage();
  await other.goto(page.url());
  await page.getByRole("button", { name: "Import 2 customers" }).click();
  await expect(page.getByText("2 customers were added.")).toBeVisible();
  await other.getByRole("button", { name: "Import 2 customers" }).click();
  await expect(other.getByText("2 customers were added.")).toBeVisible();
  await page.goto("/customers?q=north.example");
  await expect(page.locator("[data-row]")).toHaveCount(2);
});

test("bad rows are named by line and column, and left out when asked", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await preview(page, "customers", `${GOOD}Twice,quinn@NORTH.example,\r\nNo Address,nowhere,\r\n`);
  await expect(page.getByRole("heading", { name: "2 bad rows" })).toBeVisible();
  await expect(page.getByText("This is the same as on line 2.")).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "5" })).toBeVisible();
  const all = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  expect((await all).suggestedFilename()).toBe("bad-rows.csv");
  // The browser itself asks for the tick; nothing is sent without it.
  await page.getByRole("button", { name: "Import 2 customers" }).click();
  await expect(page.getByRole("heading", { name: "2 bad rows" })).toBeVisible();
  await page.getByRole("checkbox", { name: /Leave out 2 bad rows/ }).check();
  await page.getByRole("button", { name: "Import 2 customers" }).click();
  await expect(page.getByText("2 customers were added.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "2 bad rows left out" })).toBeVisible();
  await axe();
});

test("columns are assigned by hand, and missing licenses are added in the same step", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await preview(page, "users", "Kontakt;Wer\nann@north.example;Ann North\n");
  await expect(page.getByText("The file has no column Email.")).toBeVisible();
  await axe();
  await page.getByRole("combobox", { name: "Kontakt is taken for" }).selectOption("Email");
  await page.getByRole("combobox", { name: "Wer is taken for" }).selectOption("Name");
  await page.getByRole("button", { name: "Check again" }).click();
  await expect(page.getByText("It needs 1 more license than are free.")).toBeVisible();
  await page.getByRole("spinbutton", { name: "Licenses to own" }).fill("11");
  await axe();
  await page.getByRole("button", { name: "Import 1 user" }).click();
  await expect(page.getByText("1 user was added.")).toBeVisible();
  await expect(page.locator("#meter")).toContainText("11 of 11 licenses");
});

test("what is no file of people is said where it was chosen", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users/import");
  await page.getByLabel("CSV file").setInputFiles({ name: "empty.csv", mimeType: "text/csv", buffer: Buffer.alloc(0) });
  await page.getByRole("button", { name: "Upload and preview" }).click();
  await expect(page.getByRole("alert")).toHaveText("The file is empty.");
  await sendFile(page, "{}");
  await expect(page.getByText("The file has no column Email.")).toBeVisible();
});
