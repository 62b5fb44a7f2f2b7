// Every page and dialog, light and dark: WCAG 2.2 AA, nothing wider than its window. That no script or policy
// reports an error is checked for every test by the harness.

import { expect, test } from "../support/desk.ts";
import { ids, type Screen, screens } from "../support/screens.ts";
import { choose, expectNoOverflow, question } from "../support/steps.ts";

const SCHEMES = ["light", "dark"] as const;
/** The screens are judged in parts, so that workers share them. */
const PARTS = 4;

for (const colorScheme of SCHEMES) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (let part = 0; part < PARTS; part++) {
      test(`every screen is accessible and fits, part ${part + 1} of ${PARTS}`, async ({ page, signIn, axe, context, javaScriptEnabled }) => {
        test.skip(!javaScriptEnabled, "the same documents and styles; the other specs judge what differs");
        test.slow();
        await signIn("owner");
        const all = screens(await ids(page)).filter((_, index) => index % PARTS === part);
        const faults: string[] = [];
        for (const as of [undefined, "customer", "member", "owner"] as const) {
          const theirs = all.filter((screen) => screen.as === as);
          if (theirs.length === 0) continue;
          await context.clearCookies();
          if (as !== undefined) await signIn(as);
          for (const screen of theirs) faults.push(...(await judge(screen)));
        }
        expect(faults).toEqual([]);

        async function judge(screen: Screen): Promise<string[]> {
          await page.goto(screen.path);
          await screen.ready?.(page);
          const found: string[] = [];
          for (const check of [() => axe(), () => expectNoOverflow(page)]) {
            await check().catch((error: Error) => found.push(`${screen.name}: ${error.message}`));
          }
          return found;
        }
      });
    }
  });
}

test.describe("dialogs over the page", () => {
  for (const [name, action] of [["Mei Tanaka", "Deactivate…"], ["Ada Lovelace", "Activate…"], ["Mei Tanaka", "Delete…"]] as const) {
    test(`${action.slice(0, -1)} is accessible`, async ({ page, signIn, axe, javaScriptEnabled }) => {
      test.skip(!javaScriptEnabled, "a question is a page without scripts, and judged above");
      await signIn("owner");
      await page.goto("/users");
      await choose(page, name, action);
      await expect(page.getByRole("dialog")).toBeVisible();
      await expect(question(page)).toBeVisible();
      await axe();
      await expectNoOverflow(page);
    });
  }
});
