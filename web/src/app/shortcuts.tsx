// SPDX-License-Identifier: Apache-2.0
// Few keys, off while typing and off altogether when switched off in "My account" (WCAG 2.1.4).
import type { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, useSyncExternalStore } from "react";

const storageKey = "portico-shortcuts";
export const shortcuts = {
  enabled: () => localStorage.getItem(storageKey) !== "off",
  set: (on: boolean) => localStorage.setItem(storageKey, on ? "on" : "off"),
};

let loaded = false;
const waiting = new Set<() => void>();
/** Set by the palette once its code is here. */
export const palette: { open: (() => void) | undefined } = { open: undefined };

export function openPalette(): void {
  if (palette.open) palette.open();
  loaded = true;
  for (const tell of waiting) tell();
}

export function usePaletteLoaded(): boolean {
  return useSyncExternalStore(
    (tell) => {
      waiting.add(tell);
      return () => waiting.delete(tell);
    },
    () => loaded,
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

const goTo = { c: "/clients", a: "/calendar", v: "/connections" } as const;

export function useShortcuts(navigate: ReturnType<typeof useNavigate>): void {
  const [pending, setPending] = useState(false);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !shortcuts.enabled()) return;
      if (document.querySelector('[role="dialog"]')) return;
      if (pending) {
        const to = goTo[event.key as keyof typeof goTo];
        setPending(false);
        if (to) void navigate({ to });
      } else if (event.key === "g") {
        setPending(true);
      } else if (event.key === "/") {
        event.preventDefault();
        openPalette();
      }
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate, pending]);
}
