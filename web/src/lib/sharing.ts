// SPDX-License-Identifier: Apache-2.0
// Parts of records that can come from a connected account, in the reader's words.
import type { TFunction } from "i18next";
import type { Sharing } from "../api/types";

/** "clients’ names and telephone numbers" */
export function fieldsText(t: TFunction, fields: Sharing["fields"], language: string): string {
  return new Intl.ListFormat(language).format(fields.map((field) => t(`connections.sharing.field.${field}`)));
}

/** "google" by the name that people know. */
export function providerName(provider: string): string {
  return provider.charAt(0).toUpperCase() + provider.slice(1);
}
