// SPDX-License-Identifier: Apache-2.0
// "Move…": the entry is picked up with one click and put down with another, with mouse, finger or keyboard.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { localAt } from "../lib/time";
import type { Editing } from "./BookingDrawer";
import { blockInputOf, inputOf, useBooking } from "./useBooking";

type Movable = Exclude<Editing, { kind: "new" }>;

export function useMoving() {
  const booking = useBooking();
  const [what, setWhat] = useState<Movable>();
  const [error, setError] = useState<unknown>();
  const stop = useCallback(() => {
    setWhat(undefined);
    setError(undefined);
  }, []);
  useEffect(() => {
    if (!what) return;
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && stop();
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [what, stop]);

  async function run(staffId: string, date: string, minute: number) {
    if (!what) return;
    const start = localAt(date, minute);
    setError(undefined);
    try {
      if (what.kind === "appointment")
        await booking.change(what.item, { ...inputOf(what.item), staffId, start, timeZone: undefined });
      else await booking.changeBlock(what.item, { ...blockInputOf(what.item), staffId, start, timeZone: undefined });
      stop();
    } catch (refused) {
      // Still in the hand: another slot can be tried.
      setError(refused);
    }
  }
  // Stable for the memoised columns, which would otherwise all be drawn again at every keystroke elsewhere.
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const to = useCallback(
    (staffId: string, date: string, minute: number) => void latest.current(staffId, date, minute),
    [],
  );
  const ghost = useMemo(() => (what ? { key: what.item.id, minutes: what.item.durationMinutes } : undefined), [what]);
  return {
    item: what?.item,
    title: what?.item.title ?? "",
    ghost,
    error,
    start: (editing: Editing) => editing.kind !== "new" && setWhat(editing),
    stop,
    to,
  };
}
