// The customers' door: coming in, one's own account, what a deactivated customer meets, and registering.

import type { Page } from "@playwright/test";

import { expect, signInByForm, test } from "../support/desk.ts";
import { answer, ask, expectNoOverflow, row, takeLink, toast } from "../support/steps.ts";

test.use({ ownDesk: true });

const NEW = "nine quiet harbours wait";

/** Fills in the portal's sign-in as it stands. */
async function tryToSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/portal/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Opens the customer's own menu and goes where an entry leads. */
async function fromOwnMenu(page: Page, entry: string): Promise<void> {
  await page.getByRole("button", { name: /Your menu/ }).click();
  await page.getByRole("link", { name: entry, exact: true }).click();
}

test("a customer signs in, is greeted with their organization, and signs out", async ({ page, desk, axe }) => {
  const cleo = desk.signIn("customer");
  await page.goto("/portal");
  await expect(page).toHaveURL(/\/portal\/sign-in\?next=%2Fportal$/);
  await signInByForm(desk, cleo, page);
  await expect(page).toHaveURL(/\/portal$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Welcome, ${cleo.name}`);
  await expect(page.getByText("You belong to")).toContainText("Globex");
  await expect(page.getByRole("navigation", { name: "Main" })).toHaveCount(0);
  await axe();
  await expectNoOverflow(page);
  await page.getByRole("button", { name: /Your menu/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("status")).toHaveText("You are signed out.");
  await page.goto("/portal/profile");
  await expect(page).toHaveURL(/\/portal\/sign-in/);
});

test("a customer changes name, colours and password, and ends their other sessions", async ({ page, desk, another, axe }) => {
  const cleo = desk.signIn("customer");
  await signInByForm(desk, cleo, page);
  const phone = await another();
  await signInByForm(desk, cleo, phone);

  await fromOwnMenu(page, "Your profile");
  await page.getByLabel("Name").fill("Cleo Park-Jensen");
  await page.getByRole("radio", { name: "Dark" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("Your profile is saved.");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await axe();

  await fromOwnMenu(page, "Your sessions");
  await page.getByRole("button", { name: "End all others" }).click();
  await expect(toast(page)).toContainText("other sessions have ended.");
  await phone.reload();
  await expect(phone).toHaveURL(/\/portal\/sign-in/);

  await fromOwnMenu(page, "Change password");
  await page.getByLabel("Present password").fill(cleo.password);
  await page.getByLabel("New password").fill(NEW);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(toast(page)).toContainText("Your password is changed.");
  await tryToSignIn(phone, cleo.email, cleo.password);
  await expect(phone.getByRole("alert")).toContainText("not right");
  await tryToSignIn(phone, cleo.email, NEW);
  await expect(phone.getByRole("heading", { level: 1 })).toHaveText("Welcome, Cleo Park-Jensen");
});

test("rule 08 a session of one door opens nothing at the other, and each door names the other", async ({ page, desk, axe }) => {
  await signInByForm(desk, desk.signIn("customer"), page);
  await page.goto("/users");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fusers$/);
  await expect(page.getByRole("status")).toContainText("You are signed in to the portal.");
  await axe();
  expect((await page.request.get("/api/v1/me")).status()).toBe(401);
  await page.getByRole("link", { name: "Go to the portal" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Welcome");

  // One browser may hold both.
  await signInByForm(desk, desk.signIn("member"), page);
  await expect(page).toHaveURL(/\/mine/);
  await page.goto("/portal");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Welcome");
});

test("rule 03 a deactivated customer is told so with the right password alone, and asks for a return once a day", async ({ page, desk, signIn, another, axe }) => {
  const dario = desk.signIns.find((one) => one.email === "dario@globex.example");
  if (dario === undefined) throw new Error("the demo has no Dario");
  await tryToSignIn(page, dario.email, "wrong wrong wrong");
  await expect(page.getByRole("alert")).toHaveText("Email address or password is not right.");
  await tryToSignIn(page, dario.email, dario.password);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This account is deactivated");
  await axe();
  await expectNoOverflow(page);
  await page.getByRole("button", { name: "Ask for a return" }).click();
  await expect(page.getByRole("status")).toContainText("Asked.");
  const administrators = await another();
  await signIn("administrator", administrators);
  await administrators.goto(`${desk.url}/customers?view=deactivated`);
  await expect(row(administrators, dario.name)).toContainText("Asked to return");
  await tryToSignIn(page, dario.email, dario.password);
  await expect(page.getByRole("status")).toContainText("You have asked already");
  await page.getByRole("link", { name: "Back to sign-in" }).click();
  await expect(page).toHaveURL(/\/portal\/sign-in/);
});

test("rule 13 registering is answered alike for any address, and can be closed", async ({ page, signIn, desk, another, axe }) => {
  const stranger = await another();
  const told: (string | null)[] = [];
  for (const email of ["nell@initech.example", desk.signIn("customer").email, desk.signIn("owner").email, "dario@globex.example"]) {
    await stranger.goto(`${desk.url}/portal/sign-in`);
    await stranger.getByRole("link", { name: "Register" }).click();
    await stranger.getByLabel("Your name").fill("Nell Newcomer");
    await stranger.getByLabel("Email").fill(email);
    await stranger.getByRole("button", { name: "Register" }).click();
    await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("You have asked for an account");
    told.push(await stranger.getByRole("main").textContent());
  }
  expect(new Set(told).size, "one answer for all").toBe(1);
  await axe(stranger);

  await signIn("owner");
  await page.goto("/settings/portal");
  const open = page.getByRole("checkbox", { name: /Customers may register themselves/ });
  await expect(open).toBeChecked();
  await axe();
  await open.uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("The settings of the portal are saved.");
  await expect(open).not.toBeChecked();
  await stranger.goto(`${desk.url}/portal/sign-in`);
  await expect(stranger.getByRole("link", { name: "Register" })).toHaveCount(0);
  await stranger.goto(`${desk.url}/portal/register`);
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("Registration is closed");
  await page.goto("/audit?action=customer.registered");
  await expect(page.getByRole("main")).toContainText("registered in the portal");
});

test("whoever registers stands among the invited customers, and comes in by the link that an administrator makes", async ({ page, signIn, desk, another, axe }) => {
  const nell = await another();
  await nell.goto(`${desk.url}/portal/register`);
  await nell.getByLabel("Your name").fill("Nell Newcomer");
  await nell.getByLabel("Email").fill("nell@globex.example");
  await nell.getByRole("button", { name: "Register" }).click();
  await expect(nell.getByRole("heading", { level: 1 })).toHaveText("You have asked for an account");

  await signIn("administrator");
  await page.goto("/customers?view=invited");
  await expect(row(page, "Nell Newcomer")).toContainText("Registered themself, and waits for a link");
  await ask(page, "Nell Newcomer", "Send again…", "Send an invitation to Nell Newcomer?");
  await axe();
  await answer(page, "Make the link");
  const link = await takeLink(page);
  expect(link).toContain("/portal/invitations/");
  await page.goto("/customers?view=invited");
  await expect(row(page, "Nell Newcomer")).not.toContainText("waits for a link");

  await nell.goto(link);
  await axe(nell);
  await expectNoOverflow(nell);
  await nell.getByLabel("Password").fill(NEW);
  await nell.getByRole("button", { name: "Accept the invitation" }).click();
  await expect(nell.getByRole("heading", { level: 1 })).toHaveText("Welcome, Nell Newcomer");
  await expect(nell.getByText("You belong to")).toContainText("Globex");
});
