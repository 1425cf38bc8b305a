// SPDX-License-Identifier: Apache-2.0
// Screenshots of every screen at two widths in light and dark, into tests/shots/out. `npm run shots [name…]`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { withBrowser } from "./browser.mjs";
import { scenes } from "./scenes.mjs";

const out = new URL("./out", import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const wanted = process.argv.slice(2);
const forms = [
  { name: "wide", width: 1360, height: 860, dark: false },
  { name: "wide-dark", width: 1360, height: 860, dark: true },
  { name: "phone", width: 390, height: 844, dark: false },
  { name: "phone-dark", width: 390, height: 844, dark: true },
];

for (const form of forms) {
  await withBrowser(form, async ({ page, mock, problems, signIn }) => {
    for (const [name, visit] of Object.entries(scenes)) {
      if (wanted.length && !wanted.some((part) => name.includes(part) || part === form.name)) continue;
      try {
        await visit({ page, mock, signIn });
        await page.waitForTimeout(350);
        await page.screenshot({ path: join(out, `${name}.${form.name}.png`) });
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (sideways > 0) problems.push(`${name} at ${form.name}: ${sideways} px sideways scroll`);
      } catch (error) {
        problems.push(`${name}: ${error.message.split("\n").slice(0, 4).join(" | ")}`);
      }
    }
    console.log(form.name, problems.length ? problems : "no problems");
  });
}
