import { defineConfig, devices } from "@playwright/test";

import type { DeskOptions } from "./support/desk.ts";

// Debian's Chromium; no browser is ever downloaded.
const executablePath = process.env["TENURE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Specs of what only a script can do (`*.js.spec.ts`): everything else must work with scripts off. */
const SCRIPT_ONLY = /\.js\.spec\.ts$/;

export default defineConfig<DeskOptions>({
  testDir: "specs",
  globalSetup: "./support/setup.ts",
  outputDir: "../target/browser/results",
  fullyParallel: true,
  forbidOnly: process.env["CI"] !== undefined,
  // A test that passes at the second try has found a fault: there is no second try.
  retries: 0,
  workers: 2,
  // Nothing is waited for so long but on a machine that does much else.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "../target/browser/results.json" }]],
  use: {
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    // What a test does by hand is done by role and name, as a screen reader would.
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    screenshot: "only-on-failure",
    // A trace costs a third of the time: a test that fails is run again with one (docs/development.md).
    trace: "off",
    launchOptions: {
      executablePath,
      args: [
        // Containers and root have no sandbox to offer; the pages are our own.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        // Nothing but the server under test is spoken to.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    {
      name: "desktop",
      use: { ...devices["Desktop Chrome"], channel: undefined, viewport: { width: 1440, height: 900 } },
    },
    {
      name: "phone",
      use: {
        ...devices["Desktop Chrome"],
        channel: undefined,
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      },
    },
    {
      name: "no-script",
      testIgnore: SCRIPT_ONLY,
      use: {
        ...devices["Desktop Chrome"],
        channel: undefined,
        viewport: { width: 1440, height: 900 },
        javaScriptEnabled: false,
        // Whether something stands still is asked by frames, which do not always come where scripts are off: a click
        // on what has just moved could wait for ever.
        contextOptions: { reducedMotion: "reduce" },
      },
    },
  ],
});
