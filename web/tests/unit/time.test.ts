// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { addDays, ago, isDate, localAt, mondayOf, toLocal, weekday, zoneOffset } from "../../src/lib/time";

test("an instant is shown on the business's wall clock on both sides of a clock change", () => {
  expect(toLocal("2026-10-25T00:30:00Z", "Europe/London")).toBe("2026-10-25T01:30");
  expect(toLocal("2026-10-25T01:30:00Z", "Europe/London")).toBe("2026-10-25T01:30");
  expect(toLocal("2026-03-29T01:00:00Z", "Europe/London")).toBe("2026-03-29T02:00");
  expect(toLocal("2026-11-24T23:30:00Z", "Asia/Kolkata")).toBe("2026-11-25T05:00");
});

test("days are counted on the calendar, not in hours", () => {
  expect(addDays("2026-03-28", 2)).toBe("2026-03-30");
  expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
  expect(weekday("2026-11-23")).toBe(0);
  expect(mondayOf("2026-11-29")).toBe("2026-11-23");
});

test("a minute past midnight belongs to the next day", () => {
  expect(localAt("2026-12-31", 1440 + 90)).toBe("2027-01-01T01:30");
});

test("the offset says summer time", () => {
  expect(zoneOffset("Europe/Berlin", "2026-07-01")).toBe("GMT+2");
  expect(zoneOffset("Europe/Berlin", "2026-12-01")).toBe("GMT+1");
});

test("only real dates are dates", () => {
  expect(isDate("2026-02-30T")).toBe(false);
  expect(isDate("2026-13-01")).toBe(false);
  expect(isDate("2026-11-24")).toBe(true);
});

test("ages are said in the largest unit that fits", () => {
  const now = Date.parse("2026-11-24T12:00:00Z");
  expect(ago("2026-11-24T11:58:00Z", "en", now)).toBe("2 minutes ago");
  expect(ago("2026-11-21T12:00:00Z", "en", now)).toBe("3 days ago");
});
