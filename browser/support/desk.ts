// What every spec imports instead of "@playwright/test": a running desk, a signed-in page, and the
// accessibility check.

import { test as base, expect, type Page } from "@playwright/test";

import { findings } from "./axe.ts";
import { Server, type SignIn } from "./server.ts";

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
  /** Signs in through the form, as a person does. */
  signIn: (who: SignIn["role"] | SignIn, page?: Page) => Promise<void>;
  /** Fails with every finding of WCAG 2.2 AA on the page as it now is. */
  axe: (page?: Page) => Promise<void>;
}

export const test = base.extend<DeskOptions & Fixtures, WorkerOptions & { sharedDesk: Server }>({
  ownDesk: [false, { option: true }],
  users: [undefined, { option: true, scope: "worker" }],

  sharedDesk: [
    async ({ users }, use) => {
      const server = await Server.start(users);
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],

  desk: async ({ ownDesk, sharedDesk, users }, use) => {
    if (!ownDesk) return use(sharedDesk);
    const server = await Server.start(users);
    await use(server);
    return server.stop();
  },

  baseURL: async ({ desk }, use) => use(desk.url),

  signIn: async ({ desk, page }, use) => {
    await use(async (who, target = page) => {
      const { email, password } = typeof who === "string" ? desk.signIn(who) : who;
      await target.goto(`${desk.url}/sign-in`);
      await target.getByLabel(/email/i).fill(email);
      await target.getByLabel(/password/i).fill(password);
      await target.getByRole("button", { name: /sign in/i }).click();
      await expect(target).not.toHaveURL(/\/sign-in/);
    });
  },

  axe: async ({ page, javaScriptEnabled }, use) => {
    await use(async (target = page) => {
      expect(await findings(target, javaScriptEnabled), "WCAG 2.2 AA").toEqual([]);
    });
  },
});

export { expect };
