// SPDX-License-Identifier: Apache-2.0
import classes from "./PersonAvatar.module.css";

function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const last = words.length > 1 ? words.at(-1) : "";
  return `${words[0]?.[0] ?? ""}${last?.[0] ?? ""}`.toUpperCase();
}

const tints = ["#0f766e", "#4f46e5", "#9333ea", "#c2410c", "#0e7490", "#be185d", "#4d7c0f", "#475569"];
/** The same person has the same colour everywhere; it carries no meaning. */
function tintOf(id: string): string {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
  return tints[sum % tints.length] ?? "#475569";
}

export function PersonAvatar({ id, name, size = 36 }: { id: string; name: string; size?: number }) {
  const style = { width: size, height: size, fontSize: size * 0.38, ["--tint" as string]: tintOf(id) };
  return (
    <span className={classes.avatar} style={style} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
