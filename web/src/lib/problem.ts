// SPDX-License-Identifier: Apache-2.0
import type { TFunction } from "i18next";
import { ApiError } from "../api/client";
import type { Conflict, Staff } from "../api/types";
import { clock, minuteOf, toLocal } from "./time";

/** The problem's stable code in the user's words; the server's own sentence when we have none. */
export function problemText(t: TFunction, error: unknown): string {
  if (!(error instanceof ApiError)) return t("problem.unexpected");
  const known = t(`problem.${error.code}` as "problem.offline", { defaultValue: "" });
  return known || error.problem.detail || error.problem.title || t("problem.unexpected");
}

/** "Mia already has “Haircut” from 09:00 to 10:00." */
export function conflictText(t: TFunction, conflict: Conflict, staff: Staff[], zone: string): string {
  const from = clock(minuteOf(toLocal(conflict.startsAt, zone)));
  const to = clock(minuteOf(toLocal(conflict.endsAt, zone)));
  const who = staff.find((member) => member.id === conflict.staffId)?.name ?? t("calendar.someone");
  const what = conflict.title || t(`calendar.busyKind.${conflict.kind}`);
  return t("calendar.conflict", { who, what, from, to });
}

export function conflictsOf(error: unknown): Conflict[] {
  return error instanceof ApiError && error.code === "double_booking" ? (error.problem.conflicts ?? []) : [];
}
