// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { isIdle } from "../../src/components/connections/idle";

const connection = { connectedAt: "2026-01-01T00:00:00Z" };
const now = Date.parse("2026-06-30T00:00:00Z");

test("a permission is idle 90 days after its last use, or after connecting when it was never used", () => {
  expect(isIdle({ granted: true, lastUsedAt: null }, connection, now)).toBe(true);
  expect(isIdle({ granted: true, lastUsedAt: "2026-04-01T00:00:00Z" }, connection, now)).toBe(true);
  expect(isIdle({ granted: true, lastUsedAt: "2026-04-01T00:00:01Z" }, connection, now)).toBe(false);
  expect(isIdle({ granted: true, lastUsedAt: null }, { connectedAt: "2026-05-01T00:00:00Z" }, now)).toBe(false);
});

test("what was not granted cannot be taken back", () => {
  expect(isIdle({ granted: false, lastUsedAt: null }, connection, now)).toBe(false);
});
