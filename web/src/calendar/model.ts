// SPDX-License-Identifier: Apache-2.0
// What the grid draws, without React: columns, entries in lanes, shaded hours. Minutes count from local midnight.
import type { Appointment, Availability, BlockTime, Service, Staff, WorkingHours } from "../api/types";
import { addDays, type LocalDate, minuteOf, toLocal, weekday } from "../lib/time";

export const slotMinutes = 15;
export const pixelsPerMinute = 1.6;

export interface Column {
  key: string;
  date: LocalDate;
  staff: Staff;
  title: string;
  subtitle: string;
}

export type Entry = { from: number; to: number; key: string } & (
  | { kind: "appointment"; item: Appointment; color: string; buffer: number }
  | { kind: "block"; item: BlockTime }
  | { kind: "busy"; source: string; ageSeconds: number }
);
export type PlacedEntry = Entry & { lane: number; lanes: number };

export interface Span {
  from: number;
  to: number;
}

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const weekdays = days;

export function hoursOf(hours: WorkingHours, date: LocalDate): Span[] {
  const spans = hours[days[weekday(date)] ?? "mon"] ?? [];
  return spans.map(({ from, to }) => ({ from: minuteOf(from), to: minuteOf(to) })).sort((a, b) => a.from - b.from);
}

/** The parts of `range` in which nobody works. */
export function closedSpans(open: Span[], range: Span): Span[] {
  const closed: Span[] = [];
  let at = range.from;
  for (const span of open) {
    if (span.from > at) closed.push({ from: at, to: Math.min(span.from, range.to) });
    at = Math.max(at, span.to);
  }
  if (at < range.to) closed.push({ from: at, to: range.to });
  return closed.filter((span) => span.to > span.from);
}

/** Part of [startsAt, endsAt) that lies on `date` in the tenant's zone; undefined when none does. */
export function spanOn(date: LocalDate, startsAt: string, endsAt: string, zone: string): Span | undefined {
  const start = toLocal(startsAt, zone);
  const end = toLocal(endsAt, zone);
  if (end <= `${date}T00:00` || start >= `${addDays(date, 1)}T00:00`) return undefined;
  const from = start.slice(0, 10) < date ? 0 : minuteOf(start);
  const to = end.slice(0, 10) > date ? 1440 : minuteOf(end);
  return to > from ? { from, to } : undefined;
}

/** Side by side where entries overlap: each cluster of overlapping entries is divided into as few lanes as it needs. */
export function place(entries: Entry[]): PlacedEntry[] {
  const sorted = [...entries].sort((a, b) => a.from - b.from || b.to - a.to);
  const placed: PlacedEntry[] = [];
  let cluster: PlacedEntry[] = [];
  let clusterEnd = -1;
  const close = () => {
    const lanes = Math.max(0, ...cluster.map((entry) => entry.lane + 1));
    for (const entry of cluster) entry.lanes = lanes;
    placed.push(...cluster);
    cluster = [];
  };
  for (const entry of sorted) {
    if (entry.from >= clusterEnd) close();
    const taken = new Set(cluster.filter((other) => other.to > entry.from).map((other) => other.lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    cluster.push({ ...entry, lane, lanes: 1 });
    clusterEnd = Math.max(clusterEnd, entry.to);
  }
  close();
  return placed;
}

interface Sources {
  appointments: Appointment[];
  blocks: BlockTime[];
  services: Service[];
  availability: (Availability | undefined)[];
  zone: string;
}

export function entriesOf(
  column: Column,
  { appointments, blocks, services, availability, zone }: Sources,
): PlacedEntry[] {
  const entries: Entry[] = [];
  const mine = (item: { staffId: string }) => item.staffId === column.staff.id;
  for (const item of appointments.filter(mine)) {
    const span = item.status === "cancelled" ? undefined : spanOn(column.date, item.startsAt, item.endsAt, zone);
    const service = services.find((candidate) => candidate.id === item.serviceId);
    const color = service?.color ?? column.staff.color;
    if (span)
      entries.push({ kind: "appointment", key: item.id, item, color, buffer: service?.bufferMinutes ?? 0, ...span });
  }
  for (const item of blocks.filter(mine)) {
    const span = spanOn(column.date, item.startsAt, item.endsAt, zone);
    if (span) entries.push({ kind: "block", key: item.id, item, ...span });
  }
  const known = availability.find((item) => item?.staffId === column.staff.id);
  for (const busy of known?.busy ?? []) {
    const span = busy.kind === "external" ? spanOn(column.date, busy.startsAt, busy.endsAt, zone) : undefined;
    const { source, ageSeconds } = busy;
    if (span) entries.push({ kind: "busy", key: `${source}${busy.startsAt}`, source, ageSeconds, ...span });
  }
  return place(entries);
}

/** Whole hours that show every working hour and entry, at least 8 to 18. */
export function visibleRange(columns: Column[], entries: PlacedEntry[][]): Span {
  let from = 8 * 60;
  let to = 18 * 60;
  const widen = (span: Span) => {
    from = Math.min(from, span.from);
    to = Math.max(to, span.to);
  };
  for (const column of columns) hoursOf(column.staff.workingHours, column.date).forEach(widen);
  for (const entry of entries.flat()) {
    // An all-day block would stretch the grid to midnight without telling more.
    if (entry.to - entry.from < 1440) widen(entry);
  }
  return { from: Math.floor(from / 60) * 60, to: Math.min(1440, Math.ceil(to / 60) * 60) };
}

/** Starts of the slots that no entry covers completely. */
export function freeSlots(range: Span, entries: PlacedEntry[], all: boolean): number[] {
  const starts: number[] = [];
  for (let at = range.from; at < range.to; at += slotMinutes) {
    const covered = entries.some((entry) => entry.from <= at && entry.to >= at + slotMinutes);
    if (all || !covered) starts.push(at);
  }
  return starts;
}

export function isOpen(column: Column, minute: number): boolean {
  return hoursOf(column.staff.workingHours, column.date).some((span) => minute >= span.from && minute < span.to);
}
