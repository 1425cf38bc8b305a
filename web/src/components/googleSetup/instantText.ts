// SPDX-License-Identifier: Apache-2.0

/** An instant as the browser writes it: whoever runs the server is in no business's time zone but their own. */
export function instantText(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return "";
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(at);
}
