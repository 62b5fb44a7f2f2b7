// Pictures of the desk. Those of the README and the guide go to docs/images; with TENURE_SHOTS set to a folder,
// every screen goes there too: wide and narrow, light and dark, with one user, with Acme's ten, and with a crowd.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type Browser, type BrowserContext, expect, type Page, test } from "@playwright/test";

import { signInByForm } from "./support/desk.ts";
import { idOf, ids, type Screen, screens } from "./support/screens.ts";
import { Server, type SignIn } from "./support/server.ts";

const IMAGES = fileURLToPath(new URL("../docs/images", import.meta.url));
const ALL = process.env["TENURE_SHOTS"];
const CROWD = 10_000;
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

/** One session for each role, however many looks are taken. */
class Looks {
  readonly #desk: Server;
  readonly #browser: Browser;
  readonly #sessions = new Map<string, Awaited<ReturnType<BrowserContext["storageState"]>>>();

  constructor(desk: Server, browser: Browser) {
    this.#desk = desk;
    this.#browser = browser;
  }

  async page(as: SignIn["role"] | undefined, viewport = WIDE, colorScheme: "light" | "dark" = "light"): Promise<Page> {
    const storageState = as === undefined ? undefined : await this.#session(as);
    const phone = viewport.width < 600 ? { isMobile: true, hasTouch: true } : {};
    const context = await this.#browser.newContext({ baseURL: this.#desk.url, viewport, colorScheme, ...phone, ...(storageState && { storageState }) });
    return context.newPage();
  }

  async #session(as: SignIn["role"]) {
    const kept = this.#sessions.get(as);
    if (kept !== undefined) return kept;
    const page = await this.page(undefined);
    await signInByForm(this.#desk, this.#desk.signIn(as), page);
    const state = await page.context().storageState();
    await page.context().close();
    this.#sessions.set(as, state);
    return state;
  }
}

async function look(looks: Looks, all: readonly Screen[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const viewport of [WIDE, NARROW]) {
    for (const scheme of ["light", "dark"] as const) {
      for (const as of [undefined, "owner", "member", "customer"] as const) {
        const theirs = all.filter((one) => one.as === as);
        if (theirs.length === 0) continue;
        const page = await looks.page(as, viewport, scheme);
        for (const screen of theirs) {
          await page.goto(screen.path);
          await screen.ready?.(page);
          await page.waitForTimeout(150);
          const name = `${screen.name}-${viewport.width}-${scheme}.png`;
          await page.screenshot({ path: join(folder, name), animations: "disabled" });
        }
        await page.context().close();
      }
    }
  }
}

test("pictures for the README and the guide", async ({ browser }) => {
  const desk = await Server.start();
  try {
    await mkdir(IMAGES, { recursive: true });
    const page = await new Looks(desk, browser).page("owner");
    const take = async (path: string, name: string) => {
      await page.goto(path);
      await page.screenshot({ path: join(IMAGES, name), animations: "disabled" });
    };
    const found = await ids(page);
    await take(`/users/${idOf(found, "Ada Lovelace")}`, "users.png");
    await take("/licenses", "licenses.png");
    await page.goto("/search?q=doctors+on+leave");
    await take((await page.locator(".found .row-link").first().getAttribute("href")) ?? "", "item.png");
    await page.goto("/users");
    await page.getByRole("button", { name: "Actions for Ada Lovelace" }).click();
    await page.getByRole("link", { name: "Activate…" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.getByRole("radio", { name: /Deactivate someone else/ }).check();
    await page.screenshot({ path: join(IMAGES, "activate.png"), animations: "disabled" });
  } finally {
    await desk.stop();
  }
});

test("every screen of Acme", async ({ browser }) => {
  test.skip(ALL === undefined, "TENURE_SHOTS names no folder");
  const desk = await Server.start();
  try {
    const looks = new Looks(desk, browser);
    await look(looks, screens(await ids(await looks.page("owner"))), join(ALL ?? "", "acme"));
  } finally {
    await desk.stop();
  }
});

test("the lists with a crowd", async ({ browser }) => {
  test.skip(ALL === undefined, "TENURE_SHOTS names no folder");
  const desk = await Server.start(CROWD);
  try {
    await look(new Looks(desk, browser), lists(), join(ALL ?? "", "crowd"));
  } finally {
    await desk.stop();
  }
});

test("the lists of a workspace with its owner alone", async ({ browser }) => {
  test.skip(ALL === undefined, "TENURE_SHOTS names no folder");
  const desk = await Server.startEmpty();
  try {
    await look(new Looks(desk, browser), lists(), join(ALL ?? "", "alone"));
  } finally {
    await desk.stop();
  }
});

/** What looks different by how much there is to show. */
function lists(): Screen[] {
  const paths = ["/users", "/users?view=deactivated", "/users?group=team", "/teams", "/licenses", "/audit", "/settings/ownership"];
  return paths.map((path) => ({ name: path.slice(1).replaceAll(/[^a-z]+/g, "-"), as: "owner", path }));
}
