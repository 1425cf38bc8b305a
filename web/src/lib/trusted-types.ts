// SPDX-License-Identifier: Apache-2.0
// The page runs under `require-trusted-types-for 'script'`. Mantine writes CSS variables into <style> through innerHTML;
// this policy lets exactly such text through: anything that could be markup (`<`, `&`) is refused, so is every script.

interface Policy {
  createHTML(text: string): string;
  createScriptURL(url: string): string;
}
interface Factory {
  createPolicy(name: string, policy: Policy): unknown;
}

export function allowHtml(text: string): string {
  if (/[<&]/.test(text)) throw new TypeError("Refused to write markup");
  return text;
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
factory?.createPolicy("default", {
  createHTML: allowHtml,
  createScriptURL(url) {
    // Only our own hashed chunks; needed by nothing else than the bundler's module preload.
    if (new URL(url, location.origin).origin !== location.origin) throw new TypeError("Refused a foreign script");
    return url;
  },
});
