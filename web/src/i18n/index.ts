// SPDX-License-Identifier: Apache-2.0
// One language is loaded, the one in use; a test holds that every language has every text, so none is needed to fall
// back to.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "./en";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

const catalogues: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("./en"),
  de: () => import("./de"),
};

function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && value in languages;
}

function browserLanguage(): Language {
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en";
}

/** Switches the page's language; null or an unknown value follows the browser. */
export async function applyLanguage(choice: string | null | undefined): Promise<void> {
  const language = isLanguage(choice) ? choice : browserLanguage();
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", (await catalogues[language]()).default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

const initialised = i18next.use(initReactI18next).init({
  fallbackLng: false,
  resources: {},
  interpolation: { escapeValue: false },
  returnNull: false,
});

/** The first language: the user's own where it is known already, else the browser's. */
export async function startI18n(choice?: string | null): Promise<void> {
  await initialised;
  await applyLanguage(choice);
}

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    returnNull: false;
  }
}
