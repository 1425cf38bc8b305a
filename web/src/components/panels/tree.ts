// SPDX-License-Identifier: Apache-2.0
// What a plugin draws, as the server gives it out: checked there against the closed vocabulary of
// plugin-api/schemas/ui-tree.schema.json. Read here with suspicion all the same: what is not as expected is not drawn.
import type { Plugin } from "../../api/types";

export type Node = Record<string, unknown>;
export type Point = Plugin["contributes"][number]["point"];

export function asNode(value: unknown): Node | undefined {
  return value && typeof value === "object" && !Array.isArray(value) ? (value as Node) : undefined;
}
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export const tones = {
  normal: { color: undefined, badge: "gray" },
  muted: { color: "var(--muted)", badge: "gray" },
  good: { color: "var(--accent)", badge: "pine" },
  warning: { color: "var(--warn)", badge: "orange" },
  bad: { color: "var(--danger)", badge: "red" },
} as const;
export function toneOf(value: unknown): keyof typeof tones {
  return typeof value === "string" && Object.hasOwn(tones, value) ? (value as keyof typeof tones) : "normal";
}

/** Where a link may lead: a page of ours, or https. Anything else is shown as text. */
export function safeLink(href: unknown): { to: string; host: string | null } | undefined {
  const text = textOf(href);
  if (/^\/[A-Za-z0-9]/.test(text) && !text.startsWith("/api/")) return { to: text, host: null };
  try {
    const url = new URL(text);
    if (url.protocol === "https:" && !url.username && !url.password) return { to: url.href, host: url.host };
  } catch {
    // No address at all.
  }
  return undefined;
}
