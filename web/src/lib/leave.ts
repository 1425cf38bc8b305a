// SPDX-License-Identifier: Apache-2.0

/** Sends the browser to a consent page. Only https (or this very origin's scheme): never `javascript:` or the like. */
export function leaveFor(url: string): void {
  const target = new URL(url, location.origin);
  if (target.protocol !== "https:" && target.protocol !== location.protocol)
    throw new Error(`Refused to open ${target.protocol}`);
  location.assign(target.href);
}
