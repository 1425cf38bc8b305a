// SPDX-License-Identifier: Apache-2.0
// axe (WCAG 2.0 to 2.2 A and AA, best practice) over every scene, light and dark, wide and phone. Fails on any violation.
// `npm run axe [part of a scene's name…]` looks at those alone; scenes behind the sign-in need "10-" among them.
import { AxeBuilder } from "@axe-core/playwright";
import { withBrowser } from "./browser.mjs";
import { scenes } from "./scenes.mjs";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const wanted = process.argv.slice(2);
let found = 0;
let states = 0;
for (const dark of [false, true]) {
  for (const [width, height] of [
    [1360, 860],
    [390, 844],
  ]) {
    await withBrowser({ width, height, dark }, async ({ page, mock, signIn }) => {
      for (const [name, visit] of Object.entries(scenes)) {
        if (wanted.length && !wanted.some((part) => name.includes(part))) continue;
        try {
          await visit({ page, mock, signIn });
        } catch (error) {
          console.log(`${name} ${width}: not reached: ${error.message.split("\n")[0]}`);
          found += 1;
          continue;
        }
        // Colours are judged when transitions have ended.
        await page.waitForTimeout(350);
        // What a scrolled grid's head or the tabs cover for the moment is not too small.
        await page.evaluate(() => window.scrollTo(0, 0));
        await page.evaluate(() =>
          document.querySelector("[data-slot]")?.closest("section")?.parentElement?.parentElement?.scrollTo(0, 0),
        );
        // Behind an open dialog nothing can be reached, so only the dialog is judged.
        const builder = new AxeBuilder({ page }).withTags(tags);
        if (await page.locator('[role="dialog"]:visible').count()) builder.include('[role="dialog"]');
        const { violations } = await builder.analyze();
        states += 1;
        found += violations.length;
        for (const item of violations) {
          console.log(
            `${name} ${width}${dark ? " dark" : ""}: ${item.id} (${item.nodes.length}) ${item.nodes[0]?.target} ${item.nodes[0]?.any?.[0]?.message ?? item.help}`,
          );
        }
      }
    });
  }
}
console.log(`${found} violations in ${states} states`);
process.exit(found ? 1 : 0);
