// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Staff } from "../../src/api/types";
import { closedSpans, type Entry, freeSlots, place, spanOn, visibleRange } from "../../src/calendar/model";

const entry = (key: string, from: number, to: number): Entry => ({
  kind: "busy",
  key,
  from,
  to,
  source: "x",
  ageSeconds: 0,
});

test("overlapping entries share the width and the next one has it alone again", () => {
  const placed = place([entry("a", 540, 600), entry("b", 570, 630), entry("c", 600, 660), entry("d", 700, 720)]);
  const lanes = Object.fromEntries(placed.map((item) => [item.key, [item.lane, item.lanes]]));
  expect(lanes).toEqual({ a: [0, 2], b: [1, 2], c: [0, 2], d: [0, 1] });
});

test("entries that only touch do not share the width", () => {
  expect(place([entry("a", 540, 600), entry("b", 600, 660)]).map((item) => item.lanes)).toEqual([1, 1]);
});

test("closed spans are what lies between working hours", () => {
  const open = [
    { from: 600, to: 780 },
    { from: 840, to: 1140 },
  ];
  expect(closedSpans(open, { from: 480, to: 1200 })).toEqual([
    { from: 480, to: 600 },
    { from: 780, to: 840 },
    { from: 1140, to: 1200 },
  ]);
  expect(closedSpans([], { from: 480, to: 1200 })).toEqual([{ from: 480, to: 1200 }]);
});

test("an event over midnight is cut at the days' borders in the business's zone", () => {
  const [start, end] = ["2026-07-01T21:30:00Z", "2026-07-02T00:15:00Z"];
  expect(spanOn("2026-07-01", start, end, "Europe/London")).toEqual({ from: 1350, to: 1440 });
  expect(spanOn("2026-07-02", start, end, "Europe/London")).toEqual({ from: 0, to: 75 });
  expect(spanOn("2026-07-03", start, end, "Europe/London")).toBeUndefined();
});

test("a slot that is covered completely is not offered, unless something is being moved", () => {
  const entries = place([entry("a", 485, 530)]);
  expect(freeSlots({ from: 480, to: 540 }, entries, false)).toEqual([480, 525]);
  expect(freeSlots({ from: 480, to: 540 }, entries, true)).toEqual([480, 495, 510, 525]);
});

test("the grid shows early and late working hours, but an all-day block does not stretch it", () => {
  const staff: Staff = {
    id: "s",
    version: 1,
    name: "S",
    userId: null,
    color: "#000000",
    active: true,
    workingHours: { tue: [{ from: "06:30", to: "20:15" }] },
  };
  const column = { key: "c", date: "2026-11-24", staff, title: "", subtitle: "" };
  expect(visibleRange([column], [place([entry("all", 0, 1440)])])).toEqual({ from: 360, to: 1260 });
});
