// SPDX-License-Identifier: Apache-2.0

/** An instant for whoever runs the server, who is in no business's time zone but their own. */
export function instantText(instant: string, language: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return "";
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at);
}
