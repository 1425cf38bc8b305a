// SPDX-License-Identifier: Apache-2.0
import type { TFunction } from "i18next";
import { expect, test } from "vitest";
import { deviceOf } from "../../src/lib/device";

const t = ((key: string, words?: object) => [key, ...Object.values(words ?? {})].join(" ")) as TFunction;

test.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "settings.device Firefox Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
    "settings.device Safari iOS",
  ],
  ["salon-till/2", "salon-till/2"],
  ["", "settings.unknownDevice"],
])("%s", (userAgent, words) => expect(deviceOf(userAgent, t)).toBe(words));
