// Every way in: sessions, passwords, links and invitations; and that none opens for a deactivated person.

import type { Page } from "@playwright/test";

import { expect, signInByForm, test } from "../support/desk.ts";
import { ids, idOf } from "../support/screens.ts";
import type { SignIn } from "../support/server.ts";
import { answer, ask, deactivate, meter, names, question, row, takeLink, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

const PASSWORD = "nine quiet harbours wait";

const tryToSignIn = async (page: Page, { email, password }: Pick<SignIn, "email" | "password">) => {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
};

test("rule 01 and 03 the open page of a deactivated member is refused, and what they typed is given back", async ({ page, signIn, another, axe }) => {
  await signIn("administrator");
  await page.goto("/users");
  const mei = await another();
  await signIn("member", mei);
  await mei.goto("/me");
  await mei.getByLabel("Name").fill("Mei Tanaka of Support");

  await deactivate(page, "Mei Tanaka");

  await mei.getByRole("button", { name: "Save" }).click();
  await expect(mei.getByRole("heading", { level: 1 })).toHaveText("Your account is deactivated");
  await expect(mei.getByText("Nothing was sent.")).toBeVisible();
  await expect(mei.getByRole("textbox", { name: "Name" })).toHaveValue("Mei Tanaka of Support");
  await axe(mei);
  await mei.goto("/users");
  await expect(mei.getByRole("heading", { level: 1 })).toHaveText("Your account is deactivated");
  await mei.getByRole("link", { name: "Go to sign-in" }).click();
  await expect(mei).toHaveURL(/\/sign-in/);
  await page.goto("/users");
  await expect(row(page, "Mei Tanaka")).toContainText("Deactivated");
});

test("rule 03 a question refused because its reader was deactivated says so, keeps what was typed and offers no dead button", async ({ page, signIn, desk, another, axe }) => {
  await signIn("owner");
  await page.goto("/users");
  const administrator = desk.signIn("administrator");
  const theirs = await another();
  await signInByForm(desk, administrator, theirs);
  await theirs.goto("/users");
  const asked = await ask(theirs, "Mei Tanaka", "Deactivate…", "Deactivate Mei Tanaka?");
  await asked.getByLabel("Reason").fill("Away until the snow melts");
  await page.goto("/users");
  await deactivate(page, administrator.name);

  await answer(theirs, "Deactivate");
  const told = question(theirs);
  await expect(told.getByRole("heading", { level: 1 })).toHaveText("Your account is deactivated");
  await expect(told).toContainText("Nothing was sent.");
  const reason = told.getByRole("textbox", { name: "Reason" });
  await expect(reason).toHaveValue("Away until the snow melts");
  await expect(reason).toHaveAttribute("readonly", "");
  await expect(told.getByRole("textbox")).toHaveCount(1);
  await expect(told.getByRole("button", { name: /^(?!Copy)/ })).toHaveCount(0);
  await axe(theirs);
  await told.getByRole("link", { name: "Sign in to ask for a return" }).click();
  await expect(theirs).toHaveURL(/\/sign-in/);
  await page.goto("/users");
  await expect(row(page, "Mei Tanaka")).toContainText("Active");
});

test("rule 03 right credentials of a deactivated person may ask for a return once, and the row shows it", async ({ page, signIn, desk, another, axe }) => {
  const ada = desk.signIns.find((one) => one.email === "ada@acme.example");
  if (ada === undefined) throw new Error("the demo has no Ada");
  const hers = await another();
  await tryToSignIn(hers, { email: ada.email, password: "wrong wrong wrong" });
  const generic = await hers.getByRole("alert").textContent();
  await tryToSignIn(hers, { email: "nobody@acme.example", password: "wrong wrong wrong" });
  await expect(hers.getByRole("alert")).toHaveText(generic ?? "");
  await expect(hers.getByText("deactivated")).toHaveCount(0);

  await tryToSignIn(hers, ada);
  await expect(hers.getByRole("heading", { level: 1 })).toHaveText("This account is deactivated");
  await axe(hers);
  await hers.getByRole("button", { name: "Ask for a return" }).click();
  await expect(hers.getByRole("status")).toContainText("Asked.");
  await tryToSignIn(hers, ada);
  await expect(hers.getByRole("status")).toContainText(/You have asked already.* again (today|tomorrow) at \d\d:\d\d/);
  await expect(hers.getByRole("button", { name: "Ask for a return" })).toHaveCount(0);

  await signIn("owner");
  await page.goto("/users?returns=1");
  await expect(row(page, "Ada Lovelace")).toContainText("Asked to return");

  // Whoever administers need not look for it: a mark leads to the view, and the view to what can be done.
  const users = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Users" });
  await expect(users).toContainText("1 to attend to");
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: /^Needs attention\s+1/ }).click();
  expect(await names(page)).toEqual(["Ada Lovelace"]);
  await row(page, "Ada Lovelace").getByRole("link", { name: "Dismiss request…" }).click();
  await axe(page);
  await question(page).getByRole("button", { name: /Dismiss/ }).click();
  await expect(users).not.toContainText("to attend to");
  await expect(row(page, "Ada Lovelace")).toHaveCount(0);
});

test("rule 03 a set-password link works once, and none is made for a deactivated person", async ({ page, signIn, another, axe }) => {
  await signIn("administrator");
  await page.goto("/users");
  await ask(page, "Mei Tanaka", "Set-password link…", "Make a set-password link for Mei Tanaka?");
  await answer(page, "Make the link");
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("A set-password link for Mei Tanaka");
  await axe();
  const link = await takeLink(page);

  const mei = await another();
  await mei.goto(link);
  await expect(mei.getByText("mei@acme.example")).toBeVisible();
  await mei.getByLabel("New password").fill("short");
  await mei.getByRole("button", { name: "Set the password" }).click();
  await expect(mei.locator(".has-error")).toContainText("at least 12 characters");
  await axe(mei);
  await mei.getByLabel("New password").fill(PASSWORD);
  await mei.getByRole("button", { name: "Set the password" }).click();
  await expect(mei).toHaveURL(/\/mine$/);
  await mei.goto(link);
  await expect(mei.getByRole("heading", { level: 1 })).toHaveText("This link no longer works");

  await ask(page, "Mei Tanaka", "Set-password link…", "Make a set-password link for Mei Tanaka?");
  await answer(page, "Make the link");
  const second = await takeLink(page);
  await deactivate(page, "Mei Tanaka");
  await mei.goto(second);
  await expect(mei.getByRole("heading", { level: 1 })).toHaveText(/no longer works|deactivated/);
  await expect(mei.getByLabel("New password")).toHaveCount(0);
});

test("rule 12 an invitation holds a license, is sent again, accepted once, or withdrawn", async ({ page, signIn, another, axe }) => {
  await signIn("owner");
  await page.goto("/users");
  await page.getByRole("link", { name: "Invite", exact: true }).click();
  const asked = question(page);
  await asked.getByLabel("Name").fill("Rosa Lindqvist");
  await asked.getByLabel("Email").fill("rosa@acme.example");
  await asked.getByRole("checkbox", { name: "Billing" }).check();
  await answer(page, "Invite");
  await expect(asked.getByRole("alert")).toContainText("All 10 licenses are in use.");
  await expect(asked.getByLabel("Name")).toHaveValue("Rosa Lindqvist");
  await asked.getByRole("checkbox", { name: /Add a license/ }).check();
  await answer(page, "Invite");
  await expect(asked.getByRole("heading", { level: 1 })).toHaveText("Rosa Lindqvist is invited");
  await axe();
  const first = await takeLink(page);
  await expect(row(page, "Rosa Lindqvist")).toContainText("Invited");
  await expect(meter(page)).toHaveText("11 of 11 licenses");

  await ask(page, "Rosa Lindqvist", "Send again…", "Send the invitation to Rosa Lindqvist again?");
  await answer(page, "Send again");
  const second = await takeLink(page);
  const rosa = await another();
  await rosa.goto(first);
  await expect(rosa.getByRole("heading", { level: 1 })).toHaveText("This link no longer works");
  await rosa.goto(second);
  await axe(rosa);
  await rosa.getByLabel("Your name").fill("Rosa L.");
  await rosa.getByLabel("Password").fill(PASSWORD);
  await rosa.getByRole("button", { name: "Accept the invitation" }).click();
  await expect(rosa).toHaveURL(/\/mine$/);
  await rosa.goto(rosa.url().replace("/mine", "/users"));
  await expect(row(rosa, "Rosa L.")).toContainText("Active");

  await page.goto(`/users/${idOf(await ids(page), "Noor Rahman")}/deactivation`);
  await expect(question(page)).toContainText("Withdraw");
  await page.goto("/users");
  await ask(page, "Noor Rahman", "Withdraw…", "Withdraw the invitation of Noor Rahman?");
  await answer(page, "Withdraw the invitation");
  await expect(toast(page)).toContainText("The invitation of Noor Rahman is withdrawn.");
  await expect(row(page, "Noor Rahman")).toHaveCount(0);
  await expect(meter(page)).toHaveText("10 of 11 licenses");
});

test("rule 13 an address of a deactivated person offers their return, or to change it", async ({ page, signIn }) => {
  await signIn("owner");
  await page.goto("/users/new");
  const asked = question(page);
  await asked.getByLabel("Name").fill("Ada L.");
  await asked.getByLabel("Email").fill("ADA@acme.example");
  await asked.getByRole("checkbox", { name: /Add a license/ }).check();
  await answer(page, "Invite");
  await expect(asked.getByRole("alert")).toContainText("Ada Lovelace");
  await expect(asked.getByRole("link", { name: /change the old address/ })).toBeVisible();
  await asked.getByRole("link", { name: "Activate Ada Lovelace" }).click();
  await expect(question(page).getByRole("heading", { level: 1 })).toHaveText("Activate Ada Lovelace?");
});

test("sessions are listed and ended, one's own and as administrator another's", async ({ page, signIn, desk, another, axe }) => {
  const mei = await another();
  await signInByForm(desk, desk.signIn("member"), mei);
  await mei.goto("/me/sessions");
  await expect(mei.getByRole("listitem").filter({ hasText: "This one" })).toHaveCount(1);
  await axe(mei);
  await mei.getByRole("button", { name: "End all others" }).click();
  await expect(toast(mei)).toContainText("ended");
  await expect(mei.getByRole("button", { name: /^End/ })).toHaveCount(0);

  await signIn("administrator");
  await page.goto("/users");
  await ask(page, "Mei Tanaka", "Sessions…", "Sessions of Mei Tanaka");
  await answer(page, "End all sessions");
  await expect(toast(page)).toContainText("1 session of Mei Tanaka ended.");
  await mei.goto("/me");
  await expect(mei).toHaveURL(/\/sign-in/);
});

test("a changed password ends the other sessions; signing out ends this one", async ({ page, desk, another, signIn }) => {
  const member = desk.signIn("member");
  const other = await another();
  await signInByForm(desk, member, other);
  await signIn("member");
  await page.goto("/me/password");
  await page.getByLabel("Present password").fill("not it at all, sorry");
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.locator(".has-error")).toBeVisible();
  await page.getByLabel("Present password").fill(member.password);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(toast(page)).toContainText("Your password is changed.");
  await other.goto("/users");
  await expect(other).toHaveURL(/\/sign-in/);

  await page.getByRole("button", { name: /Your menu/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("status")).toContainText("You are signed out.");
  await tryToSignIn(page, member);
  await expect(page.getByRole("alert")).toBeVisible();
  await tryToSignIn(page, { ...member, password: PASSWORD });
  await expect(page).toHaveURL(/\/mine$/);
});
