// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { allowHtml } from "../../src/lib/trusted-types";

test("style text passes, anything that could be markup is refused", () => {
  expect(allowHtml(":root{--x:1px}")).toBe(":root{--x:1px}");
  expect(() => allowHtml("<img src=x onerror=alert(1)>")).toThrow(TypeError);
  expect(() => allowHtml("&lt;")).toThrow(TypeError);
});
