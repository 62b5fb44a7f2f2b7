// Roles, ownership, teams, licenses, the workspace's settings, and one's own profile.

import { expect, test } from "../support/desk.ts";
import { answer, ask, cancel, meter, question, row, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

test("rule 09 roles change by administrators, and what members see follows at once", async ({ page, signIn, another, axe, isMobile }) => {
  const mei = await another();
  await signIn("member", mei);
  await mei.goto("/users");
  await expect(mei.getByRole("navigation", { name: "Main" }).getByRole("link")).toHaveText(isMobile ? [/My work/, /Tickets/, /Customers/, /Users/] : [/My work/, /Tickets/, /Tasks/, /Projects/, /Help centre/, /Customers/, /Users/]);
  await expect(mei.getByText("Extended leave")).toHaveCount(0);
  await expect(meter(mei)).toHaveCount(0);
  await axe(mei);

  await signIn("administrator");
  await page.goto("/users");
  const asked = await ask(page, "Mei Tanaka", "Change role…", "Change the role of Mei Tanaka");
  await asked.getByRole("radio", { name: /Administrator/ }).check();
  await answer(page, "Change role");
  await expect(toast(page)).toContainText("Mei Tanaka is an administrator now.");
  await mei.goto("/users");
  await expect(row(mei, "Ada Lovelace")).toContainText("Extended leave until March");
});

test("rule 09 an administrator is made a member before a delete", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users");
  await row(page, "Samir Haddad").getByRole("link", { name: "Samir Haddad" }).click();
  await expect(page).toHaveURL(/\/users\/.+/);
  await page.goto(`${new URL(page.url()).pathname}/deletion`);
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("An administrator cannot be deleted");
  await question(page).getByRole("link", { name: "Change role…" }).click();
  await question(page).getByRole("radio", { name: /Member/ }).check();
  await answer(page, "Change role");
  await expect(toast(page)).toContainText("Samir Haddad is a member now.");
});

test("rule 09 ownership passes to an active user, with the owner's password", async ({ page, signIn, desk, axe }) => {
  await signIn("owner");
  await page.goto("/settings/ownership");
  await expect(page.getByRole("radio", { name: /Ada Lovelace/ })).toHaveCount(0);
  await page.getByRole("radio", { name: /Samir Haddad/ }).check();
  await page.getByLabel("Your own password").fill("not my password at all");
  await page.getByRole("button", { name: "Hand over ownership" }).click();
  await expect(page.locator(".has-error, [role=alert]").first()).toContainText(/password/i);
  await axe();
  await page.getByRole("radio", { name: /Samir Haddad/ }).check();
  await page.getByLabel("Your own password").fill(desk.signIn("owner").password);
  await page.getByRole("button", { name: "Hand over ownership" }).click();
  await expect(toast(page)).toContainText("Ownership has passed on.");
  await expect(page.getByRole("button", { name: "Hand over ownership" })).toHaveCount(0);
  await page.goto("/users");
  await expect(row(page, "Samir Haddad")).toContainText("Owner");
  await expect(row(page, "Olivia Brandt")).toContainText("Administrator");
});

test("rule 05 teams are made, filled, renamed and deleted; a deactivated person is not offered", async ({ page, signIn, axe }) => {
  await signIn("administrator");
  await page.goto("/teams");
  await page.getByLabel("New team").fill("Escalations");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Escalations");
  await axe();

  const search = page.getByRole("region", { name: "Add someone" }).getByRole("searchbox", { name: "Search users" });
  await search.fill("ada");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByText("Deactivated users cannot be added.")).toBeVisible();
  await search.fill("priya");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("button", { name: "Add Priya Nair" }).click();
  await expect(toast(page)).toContainText("Priya Nair is in Escalations now.");
  await expect(row(page, "Priya Nair")).toBeVisible();

  await page.locator("summary", { hasText: "Rename" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Second line");
  await page.locator("details[open]").getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Second line");
  await page.getByRole("button", { name: "Remove Priya Nair" }).click();
  await expect(page.getByText("Nobody is in this team")).toBeVisible();

  await page.getByRole("link", { name: "Delete…" }).click();
  await expect(question(page).getByRole("heading", { level: 1 })).toContainText("Second line");
  await axe();
  await question(page).getByRole("button", { name: /Delete/ }).click();
  await expect(toast(page)).toContainText("The team Second line is deleted.");
  await expect(page.getByRole("link", { name: /Second line/ })).toHaveCount(0);
});

test("licenses owned change, never below those in use; the price is shown where one is added", async ({ page, signIn, axe }) => {
  await signIn("owner");
  await page.goto("/licenses");
  await page.getByLabel("Licenses owned").fill("9");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(page.locator(".has-error")).toContainText("10");
  await page.getByLabel("Licenses owned").fill("12");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(meter(page)).toHaveText("10 of 12 licenses");
  await expect(page.getByText("2 free", { exact: true })).toBeVisible();
  await axe();

  await page.goto("/settings/licenses");
  await page.getByLabel("Price of one").fill("15.50");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("15.50");
  await page.goto("/settings/sessions");
  await page.getByLabel("Without use").fill("4");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("The session lengths are saved.");
  await page.goto("/settings");
  await page.getByLabel("Name").fill("Acme Works");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("The settings are saved.");
  await expect(page.getByRole("banner")).toContainText("Acme Works");
});

test("somebody's name and address are edited; another's address is refused", async ({ page, signIn }) => {
  await signIn("administrator");
  await page.goto("/users");
  const asked = await ask(page, "Ada Lovelace", "Edit", "Edit Ada Lovelace");
  await asked.getByLabel("Email").fill("ben@acme.example");
  await answer(page, "Save");
  await expect(asked.locator(".has-error, [role=alert]").first()).toContainText(/address|Ben Okafor/);
  await asked.getByLabel("Email").fill("ada.lovelace@acme.example");
  await asked.getByLabel("Name").fill("Ada King");
  await answer(page, "Save");
  await expect(toast(page)).toContainText("The changes are saved.");
  await expect(row(page, "Ada King")).toContainText("ada.lovelace@acme.example");
  await ask(page, "Ada King", "Edit", "Edit Ada King");
  await cancel(page);
  await expect(question(page)).toHaveCount(0);
});

test("one's own profile: name, zone, colours and picture", async ({ page, signIn, axe }) => {
  await signIn("member");
  await page.goto("/me");
  await page.getByLabel("Name").fill("Mei T.");
  await page.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await page.getByRole("radio", { name: "Dark" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("Your profile is saved.");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await axe();

  // The smallest picture there is: one grey pixel.
  const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==", "base64");
  await page.getByLabel("New picture").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: pixel });
  await page.getByRole("button", { name: "Upload" }).click();
  await expect(page.getByRole("button", { name: "Remove the picture" })).toBeVisible();
  const picture = page.locator("img.face").first();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(0);
  await page.getByLabel("New picture").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await page.getByRole("button", { name: "Upload" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByRole("button", { name: "Remove the picture" }).click();
  await expect(page.locator("img.face")).toHaveCount(0);
});

test("the course of licenses fits its window, and no label is cut or lies on another", async ({ page, signIn }) => {
  await signIn("owner");
  for (const period of ["?period=30d", "", "?period=all"]) {
    await page.goto(`/licenses${period}`);
    const chart = page.getByRole("img", { name: /used from/ });
    await expect(chart).toHaveCount(1);
    const box = await chart.boundingBox();
    const labels = await chart.locator("text").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON() as DOMRect));
    if (box === null || labels.length < 4) throw new Error("a chart without labels");
    for (const [index, one] of labels.entries()) {
      expect(one.left, "begins inside").toBeGreaterThanOrEqual(box.x - 1);
      expect(one.right, "ends inside").toBeLessThanOrEqual(box.x + box.width + 1);
      for (const other of labels.slice(index + 1)) {
        const apart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
        expect(apart, "no label lies on another").toBe(true);
      }
    }
  }
});
