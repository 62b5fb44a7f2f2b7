// A workspace as its owner first meets it: nobody else, and each page says what to do next.

import { expect, signInByForm, test } from "../support/desk.ts";
import { expectNoOverflow, row } from "../support/steps.ts";
import { Server } from "../support/server.ts";

test("a new workspace says on each page how to go on", async ({ page, axe }, { project }) => {
  test.skip(project.name === "no-script", "nothing here is done by a script");
  const desk = await Server.startEmpty();
  try {
    await signInByForm(desk, desk.signIn("owner"), page);
    const pages: [string, string][] = [
      ["/users", "Only you, so far"],
      ["/users?view=deactivated", "Nobody is deactivated."],
      ["/users?view=invited", "No invitation is open."],
      ["/teams", "No team yet"],
      ["/licenses", "9 free"],
      ["/audit", "set a password by link"],
      ["/settings/ownership", "No other user is active yet."],
    ];
    for (const [path, says] of pages) {
      await page.goto(`${desk.url}${path}`);
      await expect(page.getByText(says).filter({ visible: true }).first()).toBeVisible();
      await expectNoOverflow(page);
      await axe();
    }
    await page.goto(`${desk.url}/users`);
    await expect(row(page, "Olivia Brandt")).toContainText("Owner");
    await page.getByRole("link", { name: "Invite a user" }).click();
    await expect(page.getByLabel("Email")).toBeVisible();
  } finally {
    await desk.stop();
  }
});
