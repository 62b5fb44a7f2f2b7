// Texts that would run in a careless page, typed wherever something can be typed: the browser makes no more of them
// than text. The table of texts is the one that the tests over HTTP use on every page.

import { readFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import { expect, signInByForm, test } from "../support/desk.ts";
import { question, toast } from "../support/steps.ts";

interface Payloads {
  readonly names: readonly string[];
  readonly markdown: readonly string[];
}

const { names, markdown } = JSON.parse(readFileSync(new URL("../support/payloads.json", import.meta.url), "utf8")) as Payloads;

test.use({ ownDesk: true });

/** Notes whatever a page asks with a dialog, and what a script would set. */
async function watched(page: Page, heard: string[]): Promise<void> {
  page.on("dialog", (dialog) => {
    heard.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("popup", (popup) => heard.push(`a window: ${popup.url()}`));
  await page.addInitScript("window.alert = (text) => { document.documentElement.dataset.ran = String(text); };");
}

/** Opens a page; fails when a script of somebody's ran, or when an element could still run one. */
async function opens(page: Page, path: string, heard: string[]): Promise<void> {
  const answer = await page.goto(path);
  expect(answer?.status(), path).toBeLessThan(500);
  await page.waitForLoadState("load");
  const risky = page.locator(
    "iframe, object, embed, base, [onerror], [onload], [onclick], [onfocus], [onmouseover], a[href^='javascript:' i], a[href^='data:' i], img[src^='data:' i], img[src='x'], form[action^='javascript:' i]",
  );
  await expect(risky, path).toHaveCount(0);
  expect(heard, path).toEqual([]);
  await expect(page.locator("html[data-ran]"), path).toHaveCount(0);
}

/** Sends a form that stands on a page, field by field. */
async function send(page: Page, path: string, fields: Record<string, string>): Promise<void> {
  await page.goto(path);
  const form = page.locator("main form").filter({ has: page.locator("[name=name]") }).first();
  for (const [name, text] of Object.entries(fields)) await form.locator(`[name=${name}]`).fill(text);
  await form.getByRole("button").last().click();
  await page.waitForLoadState("load");
}

test("what people type runs nowhere", async ({ page, desk, signIn, another }) => {
  test.setTimeout(180_000);
  const heard: string[] = [];
  await watched(page, heard);
  const portal = await another();
  await watched(portal, heard);
  const cleo = desk.signIn("customer");
  await signInByForm(desk, cleo, portal);
  await signIn("owner");

  const text = markdown.join("\n\n");
  const paths: string[] = [];
  for (const [at, name] of names.entries()) {
    await portal.goto("/portal/requests/new");
    await portal.getByLabel("What is it about?").fill(name);
    await portal.getByLabel("Tell us more").fill(text);
    await portal.getByRole("button", { name: "Send request" }).click();
    await expect(toast(portal)).toContainText("Your request is sent.");
    const request = new URL(portal.url()).pathname;
    await expect(portal.getByRole("heading", { level: 1 })).toHaveText(name);
    const number = request.split("/").pop() ?? "";
    paths.push(`/items/${number}`);
    await opens(portal, request, heard);
    if (at > 2) continue;
    paths.push(`/items/${number}/history`, `/items/${number}/edit`);
    // Files of such a name, and messages of such a text.
    await portal.getByLabel("Message").fill(text);
    await portal.getByLabel("Files").setInputFiles([{ name: name.replaceAll("/", "_"), mimeType: "text/html", buffer: Buffer.from(names[0] ?? "") }]);
    await portal.getByRole("button", { name: "Send" }).click();
    await expect(toast(portal)).toContainText("Your reply is sent.");
    await opens(portal, request, heard);
    await page.goto(`/items/${number}/details`);
    await question(page).getByLabel("Tags").fill(name.replaceAll(",", " ").slice(0, 50));
    await question(page).getByRole("button", { name: "Save" }).click();
    await send(page, "/projects/new", { name, description: text });
    paths.push(new URL(page.url()).pathname);
    await send(page, "/teams", { name });
    await send(page, "/organizations", { name });
  }
  await portal.goto("/portal/profile");
  await portal.getByLabel("Name").fill(names.slice(0, 4).join(" "));
  await portal.getByRole("button", { name: "Save" }).click();
  await expect(toast(portal)).toContainText("Your profile is saved.");
  await page.goto("/me");
  await page.getByLabel("Name").fill(names.slice(4, 9).join(" "));
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(page)).toContainText("saved");

  const typed = names.map((name) => encodeURIComponent(name));
  for (const path of [
    ...paths,
    "/mine", "/tickets?status=all", "/tasks", "/projects", "/users", "/customers", "/teams", "/organizations", "/audit", "/settings", "/licenses",
    ...typed.slice(0, 3).flatMap((name) => [`/tickets?q=${name}`, `/customers?q=${name}`, `/users?q=${name}`, `/tickets?tag=${name}`, `/sign-in?next=${name}`]),
  ]) {
    await opens(page, path, heard);
  }
  for (const path of ["/portal", "/portal/requests", "/portal/profile", ...typed.slice(0, 3).map((name) => `/portal/sign-in?next=${name}`)]) {
    await opens(portal, path, heard);
  }
});

test("a script that would run is seen: else the test above proves nothing", async ({ page }) => {
  test.skip(test.info().project.name === "no-script", "without scripts none can run");
  const heard: string[] = [];
  await watched(page, heard);
  await page.goto("data:text/html,<p>A page of no policy</p><img src=x onerror=alert(1)>");
  await expect(page.locator("[onerror]")).toHaveCount(1);
  await expect.poll(async () => heard.length + (await page.locator("html[data-ran]").count())).toBeGreaterThan(0);
});
