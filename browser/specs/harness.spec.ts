// The harness is trusted only because it is seen to fail: planted faults are found.

import { expect, test } from "@playwright/test";

import { findings } from "../support/axe.ts";
import { Server } from "../support/server.ts";

const page = (body: string) =>
  `<!doctype html><html lang="en"><head><title>Planted</title></head><body><main><h1>Planted</h1>${body}</main></body></html>`;

test("a page without fault has no finding", async ({ page: tab, javaScriptEnabled }) => {
  await tab.setContent(page("<p>Nothing wrong here.</p>"));
  expect(await findings(tab, javaScriptEnabled)).toEqual([]);
});

test("an unnamed button is found", async ({ page: tab, javaScriptEnabled }) => {
  await tab.setContent(page("<button></button>"));
  expect((await findings(tab, javaScriptEnabled)).join()).toContain("button-name");
});

test("text that is too faint is found", async ({ page: tab, javaScriptEnabled }) => {
  await tab.setContent(page('<p style="color:#aaa;background:#fff">Faint</p>'));
  expect((await findings(tab, javaScriptEnabled)).join()).toContain("color-contrast");
});

test("a target that is too small is found", async ({ page: tab, javaScriptEnabled }) => {
  const small = (name: string) => `<a href="#" style="display:inline-block;width:8px;height:8px" aria-label="${name}"></a>`;
  await tab.setContent(page(`<div>${small("one")}${small("two")}</div>`));
  expect((await findings(tab, javaScriptEnabled)).join()).toContain("target-size");
});

test("scripts run where they should, and nowhere else", async ({ page: tab, javaScriptEnabled }) => {
  await tab.setContent(page('<output id="o">off</output><script>o.textContent = "on"</script>'));
  await expect(tab.getByRole("status")).toHaveText(javaScriptEnabled ? "on" : "off");
});

test("a server that does not start is an error with its log", async () => {
  await expect(Server.start(-1)).rejects.toThrow(/did not start/);
});
