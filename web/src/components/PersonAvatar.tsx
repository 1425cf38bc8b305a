// SPDX-License-Identifier: Apache-2.0
import { Avatar } from "@mantine/core";

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const last = words.length > 1 ? words.at(-1) : "";
  return `${words[0]?.[0] ?? ""}${last?.[0] ?? ""}`.toUpperCase();
}

const tints = ["pine", "indigo", "grape", "orange", "cyan", "pink", "lime", "violet"];
/** The same person has the same colour everywhere; it carries no meaning. */
export function tintOf(id: string): string {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
  return tints[sum % tints.length] ?? "pine";
}

export function PersonAvatar({ id, name, size = 36 }: { id: string; name: string; size?: number }) {
  return (
    <Avatar size={size} radius="xl" color={tintOf(id)} variant="light" aria-hidden="true">
      {initials(name)}
    </Avatar>
  );
}
