// `make shots`: not tests, but pictures to look at.

import config from "./playwright.config.ts";

const { globalSetup: _, ...shared } = config;

export default {
  ...shared,
  testDir: ".",
  testMatch: "shots.ts",
  timeout: 300_000,
  fullyParallel: false,
  workers: 1,
  reporter: [["list"]],
  use: { ...shared.use, screenshot: "off" },
  projects: [{ name: "shots" }],
};
