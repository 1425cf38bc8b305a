// SPDX-License-Identifier: Apache-2.0
import type { Appointment, BlockTime, Service } from "../api/types";
import { localAt, minuteOf } from "../lib/time";

export type DraftKind = "appointment" | "meeting" | "block";

/** What the small popover and the full form both fill in: going from one to the other loses nothing. */
export interface Draft {
  kind: DraftKind;
  title: string;
  contactId: string | null;
  serviceId: string | null;
  staffId: string;
  date: string;
  time: string;
  durationMinutes: number;
  notes: string;
  participants: { name: string; email: string }[];
  status: Appointment["status"];
  allDay: boolean;
}

export function newDraft(staffId: string, date: string, time: string, contactId: string | null): Draft {
  return {
    kind: "appointment",
    title: "",
    contactId,
    serviceId: null,
    staffId,
    date,
    time,
    durationMinutes: 60,
    notes: "",
    participants: [],
    status: "confirmed",
    allDay: false,
  };
}

export function draftOf(item: Appointment): Draft {
  return {
    ...newDraft(item.staffId, item.start.slice(0, 10), item.start.slice(11, 16), item.contactIds[0] ?? null),
    kind: item.kind,
    title: item.title,
    serviceId: item.serviceId,
    durationMinutes: item.durationMinutes,
    notes: item.notes,
    participants: item.participants.map(({ name, email }) => ({ name, email: email ?? "" })),
    status: item.status,
  };
}

export function draftOfBlock(item: BlockTime): Draft {
  return {
    ...newDraft(item.staffId, item.start.slice(0, 10), item.start.slice(11, 16), null),
    kind: "block",
    title: item.title,
    durationMinutes: item.durationMinutes,
    allDay: item.allDay,
  };
}

/** Choosing a service sets the length, and the title where nobody wrote one of their own. */
export function withService(draft: Draft, service: Service | undefined, old: Service | undefined): Draft {
  const ownTitle = draft.title && draft.title !== old?.name;
  return {
    ...draft,
    serviceId: service?.id ?? null,
    durationMinutes: service?.durationMinutes ?? draft.durationMinutes,
    title: ownTitle ? draft.title : (service?.name ?? ""),
  };
}

export function startOf(draft: Draft): string {
  return draft.allDay ? localAt(draft.date, 0) : localAt(draft.date, minuteOf(draft.time));
}

export function appointmentInput(draft: Draft, contactIds?: string[]) {
  return {
    kind: draft.kind === "meeting" ? ("meeting" as const) : ("appointment" as const),
    title: draft.title,
    contactIds: contactIds ?? (draft.contactId ? [draft.contactId] : []),
    serviceId: draft.serviceId,
    staffId: draft.staffId,
    start: startOf(draft),
    durationMinutes: draft.durationMinutes,
    notes: draft.notes,
    status: draft.status,
    participants: draft.participants
      .filter((person) => person.name.trim() || person.email.trim())
      .map(({ name, email }) => ({ name: name.trim() || email.trim(), email: email.trim() || null })),
  };
}

export function blockInput(draft: Draft, defaultTitle: string) {
  const { staffId, allDay } = draft;
  const durationMinutes = allDay ? 1440 * Math.max(1, Math.round(draft.durationMinutes / 1440)) : draft.durationMinutes;
  return { staffId, allDay, durationMinutes, start: startOf(draft), title: draft.title.trim() || defaultTitle };
}

/** What stops this draft from being saved, as a key of the catalogue; undefined when nothing does. */
export function missing(
  draft: Draft,
): "calendar.missingClient" | "calendar.missingTitle" | "calendar.missingDuration" | undefined {
  if (draft.kind === "appointment" && !draft.contactId) return "calendar.missingClient";
  if (draft.kind === "meeting" && !draft.title.trim()) return "calendar.missingTitle";
  if (draft.durationMinutes < 5) return "calendar.missingDuration";
  return undefined;
}
