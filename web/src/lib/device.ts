// SPDX-License-Identifier: Apache-2.0
import Bowser from "bowser";
import type { TFunction } from "i18next";

/** What a person calls the program they signed in with ("Firefox on Windows"), from its User-Agent; the program's own
 * words when nobody knows it. */
export function deviceOf(userAgent: string, t: TFunction): string {
  if (!userAgent) return t("settings.unknownDevice");
  const parsed = Bowser.getParser(userAgent);
  const program = parsed.getBrowserName();
  const system = parsed.getOSName();
  return program && system ? t("settings.device", { program, system }) : userAgent;
}
