// SPDX-License-Identifier: Apache-2.0
// Dates are "YYYY-MM-DD" and local times "YYYY-MM-DDTHH:MM" in the tenant's time zone. The server turns them into
// instants; the browser only goes the other way, with Intl.

export type LocalDate = string;

const pad = (n: number) => String(n).padStart(2, "0");

function utc(date: LocalDate): Date {
  return new Date(`${date.slice(0, 10)}T00:00:00Z`);
}

export function addDays(date: LocalDate, days: number): LocalDate {
  const value = utc(date);
  value.setUTCDate(value.getUTCDate() + days);
  return value.toISOString().slice(0, 10);
}

/** 0 is Monday. */
export function weekday(date: LocalDate): number {
  return (utc(date).getUTCDay() + 6) % 7;
}

export function mondayOf(date: LocalDate): LocalDate {
  return addDays(date, -weekday(date));
}

export function isDate(value: unknown): value is LocalDate {
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(utc(value).getTime());
}

const zoned = new Map<string, Intl.DateTimeFormat>();
/** The wall clock of `zone` at an instant, as "YYYY-MM-DDTHH:MM". */
export function toLocal(instant: string | Date, zone: string): string {
  let format = zoned.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
    zoned.set(zone, format);
  }
  return format.format(typeof instant === "string" ? new Date(instant) : instant).replace(" ", "T");
}

export function today(zone: string): LocalDate {
  return toLocal(new Date(), zone).slice(0, 10);
}

/** Minutes since midnight of "HH:MM" or of the time in a local date-time. */
export function minuteOf(time: string): number {
  const clock = time.includes("T") ? time.slice(11, 16) : time;
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}

export function clock(minute: number): string {
  return `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`;
}

export function localAt(date: LocalDate, minute: number): string {
  return minute < 1440
    ? `${date}T${clock(minute)}`
    : `${addDays(date, Math.floor(minute / 1440))}T${clock(minute % 1440)}`;
}

export function formatDate(date: LocalDate, language: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(utc(date));
}

export const longDate: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
export const shortDate: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
export const numericDate: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };

/** "24 Nov 2026, 09:00" in the tenant's zone. */
export function formatInstant(instant: string, zone: string, language: string): string {
  return new Intl.DateTimeFormat(language, {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: zone,
    hourCycle: "h23",
  }).format(new Date(instant));
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
/** "5 minutes ago". */
export function ago(instant: string, language: string, now = Date.now()): string {
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, "minute");
}

/** "GMT+1", for saying which clock is shown. */
export function zoneOffset(zone: string, date: LocalDate): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(
    new Date(`${date}T12:00:00Z`),
  );
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

export function zoneCity(zone: string): string {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}
