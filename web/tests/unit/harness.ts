// SPDX-License-Identifier: Apache-2.0
// The real application in jsdom against the in-memory server: fetch goes to the mock, with a cookie jar of one cookie.
import { createElement } from "react";
import { vi } from "vitest";
// @ts-expect-error plain JavaScript
import { startMock } from "../mock/server.mjs";

interface Mock {
  url: string;
  state: Record<string, Map<string, Record<string, unknown>>>;
  close(): Promise<void>;
}

const realFetch = globalThis.fetch;

export function stubBrowser(): void {
  vi.stubGlobal("matchMedia", (media: string) => ({
    matches: false,
    media,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {},
  }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("scrollTo", () => undefined);
  Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
  Element.prototype.scrollIntoView = () => undefined;
}

export async function startApp(path: string) {
  const mock: Mock = await startMock({ today: "2026-11-24" });
  let cookie = "";
  stubBrowser();
  vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const headers = new Headers(request.headers);
    if (cookie) headers.set("Cookie", cookie);
    const body = request.method === "GET" ? undefined : await request.arrayBuffer();
    const response = await realFetch(mock.url + url.pathname + url.search, { method: request.method, headers, body });
    cookie = response.headers.get("Set-Cookie")?.split(";")[0] ?? cookie;
    return response;
  });
  history.replaceState(null, "", path);
  const [{ App }, { startI18n }, { render, cleanup }] = await Promise.all([
    import("../../src/app/App"),
    import("../../src/i18n"),
    import("@testing-library/react"),
  ]);
  await startI18n("en");
  render(createElement(App, { env: "test" }));
  const close = () => {
    cleanup(); // dialogs have timers, which must not fire when the window is gone
    return mock.close();
  };
  return { ...mock, close };
}
