// What every spec imports instead of "@playwright/test": a running desk, a signed-in page, and the
// accessibility check.

import { test as base, type BrowserContext, type Cookie, expect, type Page } from "@playwright/test";

import { findings } from "./axe.ts";
import { watch } from "./faults.ts";
import { Server, type SignIn } from "./server.ts";
import { startStory } from "./setup.ts";

/** Chosen with `test.use({ … })`. */
export interface DeskOptions {
  /** True gives each test a server of its own: for tests that change what others look at. */
  ownDesk: boolean;
}

interface WorkerOptions {
  /** The size of the workspace; unset gives the demo's own story. */
  users: number | undefined;
}

interface Fixtures {
  /** The server under test; `page.goto("/users")` goes to it. */
  desk: Server;
  /**
   * Signs in, through the form as a person does. On the shared desk a role does so once and its session
   * is handed on: the desk lets nobody try without end.
   */
  signIn: (who: SignIn["role"] | SignIn, page?: Page) => Promise<void>;
  /** Another person's browser, or another of the same person. */
  another: () => Promise<Page>;
  /** Fails with every finding of WCAG 2.2 AA on the page as it now is. */
  axe: (page?: Page) => Promise<void>;
  /** Runs for every test: no page may report an error of a script or of the content policy. */
  noFaults: void;
}

/** A server with the sessions that its tests share. */
interface SharedDesk {
  readonly server: Server;
  readonly sessions: Map<string, Cookie[]>;
}

const begin = (users: number | undefined) => (users === undefined ? startStory() : Server.start(users));

export const test = base.extend<DeskOptions & Fixtures, WorkerOptions & { sharedDesk: SharedDesk }>({
  ownDesk: [false, { option: true }],
  users: [undefined, { option: true, scope: "worker" }],

  sharedDesk: [
    async ({ users }, use) => {
      const server = await begin(users);
      await use({ server, sessions: new Map() });
      await server.stop();
    },
    { scope: "worker" },
  ],

  desk: async ({ ownDesk, sharedDesk, users }, use) => {
    if (!ownDesk) return use(sharedDesk.server);
    const server = await begin(users);
    await use(server);
    return server.stop();
  },

  baseURL: async ({ desk }, use) => use(desk.url),

  signIn: async ({ desk, ownDesk, sharedDesk, page }, use) => {
    const { sessions } = sharedDesk;
    await use(async (who, target = page) => {
      const shared = typeof who === "string" && !ownDesk;
      const kept = shared ? sessions.get(who) : undefined;
      if (kept !== undefined) return target.context().addCookies(kept);
      await signInByForm(desk, typeof who === "string" ? desk.signIn(who) : who, target);
      if (shared) sessions.set(who, await target.context().cookies());
    });
  },

  another: async ({ browser }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext();
      opened.push(context);
      return context.newPage();
    });
    await Promise.all(opened.map((context) => context.close()));
  },

  noFaults: [
    async ({ context }, use) => {
      const faults = watch(context);
      await use();
      expect(faults, "errors that the pages reported").toEqual([]);
    },
    { auto: true },
  ],

  axe: async ({ page, javaScriptEnabled }, use) => {
    await use(async (target = page) => {
      expect(await findings(target, javaScriptEnabled), "WCAG 2.2 AA").toEqual([]);
    });
  },
});

/** What a person does at `/sign-in`, and a customer at `/portal/sign-in`. */
export async function signInByForm(desk: { readonly url: string }, { email, password, role }: SignIn, page: Page): Promise<void> {
  await page.goto(`${desk.url}${role === "customer" ? "/portal" : ""}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).not.toHaveURL(/\/sign-in/);
}

export { expect };
