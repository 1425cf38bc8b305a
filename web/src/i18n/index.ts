// SPDX-License-Identifier: Apache-2.0
// English is part of the first load and the fallback; other languages are loaded when chosen.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && value in languages;
}

function browserLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return wanted ?? "en";
}

/** Switches the page's language; null or an unknown value follows the browser. */
export async function applyLanguage(choice: string | null | undefined): Promise<void> {
  const language = isLanguage(choice) ? choice : browserLanguage();
  if (language === "de" && !i18next.hasResourceBundle("de", "translation")) {
    const { default: de } = await import("./de");
    i18next.addResourceBundle("de", "translation", de);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export const i18nReady = i18next
  .use(initReactI18next)
  .init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  .then(() => applyLanguage(null));

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    returnNull: false;
  }
}
