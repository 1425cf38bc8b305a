// SPDX-License-Identifier: Apache-2.0
// What a plugin draws, good and hostile, and that what goes wrong with it stays in its box.
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { sessionQuery } from "../../src/api/queries";
import type { SessionState } from "../../src/api/types";
import { queryClient } from "../../src/app/query";
import { PanelCard } from "../../src/components/panels/Panel";
import { safeLink } from "../../src/components/panels/tree";
import { startI18n } from "../../src/i18n";
import { stubBrowser } from "./harness";

const me = {
  user: { role: "staff", language: "en" },
  tenant: { locale: "en-GB", timeZone: "Europe/London", currency: "GBP" },
};
const from = { plugin: "stamps", pluginName: "Stamps", title: "Stamp card", icon: "bookmark" };
const user = userEvent.setup({ delay: null });
let asked: Request[] = [];
// The API client takes its fetch when it is imported, so this one must be there before.
const net = vi.hoisted(() => {
  const it = { answer: async (_: Request) => new Response() };
  globalThis.fetch = ((request: Request) => it.answer(request)) as typeof fetch;
  return it;
});

/** Shows a panel whose plugin answers so; later requests get the later answers. */
function show(...answers: { status?: number; json: unknown }[]) {
  asked = [];
  const left = [...answers];
  net.answer = async (request) => {
    asked.push(request);
    const { status = 200, json = {} } = (left.length > 1 ? left.shift() : left[0]) ?? {};
    return new Response(JSON.stringify(json), { status, headers: { "Content-Type": "application/json" } });
  };
  return render(
    <MantineProvider env="test">
      <QueryClientProvider client={queryClient}>
        <p>The page around it</p>
        <PanelCard from={from} point="client.panel/v1" subject={{ contact: "c1" }} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}
const tree = (...children: unknown[]) => ({ json: { tree: { type: "stack", children } } });

beforeAll(async () => {
  stubBrowser();
  await startI18n("en");
});
afterEach(() => {
  cleanup();
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, { me } as unknown as SessionState);
});
queryClient.setQueryData(sessionQuery.queryKey, { me } as unknown as SessionState);

test("the host asks for the panel of this client, in the page's language", async () => {
  show(tree({ type: "text", text: "Hello" }));
  expect(await screen.findByText("Hello")).toBeTruthy();
  const url = new URL(asked[0]?.url ?? "");
  expect(url.pathname).toBe("/api/v1/plugins/stamps/ui/client.panel/v1");
  expect(url.search).toBe("?contact=c1&locale=en");
});

test("every node is drawn with our own components", async () => {
  const { container } = show(
    tree(
      { type: "heading", text: "Card" },
      { type: "row", children: [{ type: "badge", text: "Regular", tone: "good" }] },
      { type: "facts", items: [{ label: "Last", at: "2026-11-24T09:00:00Z" }] },
      { type: "progress", label: "Stamps", value: 3, max: 4 },
      { type: "table", label: "Visits", columns: ["Day"], rows: [["Monday"]] },
      { type: "list", children: [{ type: "text", text: "one" }] },
      { type: "image", file: "0123456789abcdef0123456789abcdef", alt: "Before" },
      { type: "empty", text: "Nothing" },
      { type: "error", text: "Not today" },
    ),
  );
  expect(await screen.findByRole("heading", { level: 3, name: "Card" })).toBeTruthy();
  expect(container.querySelector("time")?.textContent).toMatch(/24 Nov 2026/);
  expect(screen.getByRole("progressbar", { name: "Stamps" }).getAttribute("aria-valuenow")).toBe("75");
  expect(screen.getByRole("columnheader", { name: "Day" })).toBeTruthy();
  expect(screen.getByRole("listitem").textContent).toBe("one");
  expect(screen.getByAltText("Before").getAttribute("src")).toBe(
    "/api/v1/files/0123456789abcdef0123456789abcdef/content",
  );
});

test("markup is text, and what is unknown or of a wrong type is not drawn", async () => {
  let deep: unknown = { type: "text", text: "too deep" };
  for (let level = 0; level < 9; level += 1) deep = { type: "stack", children: [deep] };
  const { container } = show(
    tree(
      { type: "text", text: "<img src=x onerror=alert(1)>" },
      { type: "html", html: "<b>x</b>" },
      { type: "constructor" },
      { type: "__proto__", children: [] },
      { type: "facts", items: "no list" },
      { type: "table", columns: {}, rows: [7, null] },
      { type: "progress", label: 7, value: "x", max: -1 },
      { type: "image", file: "https://evil.example/x.png", alt: "x" },
      { type: "link", label: "Win", href: "javascript:alert(1)" },
      { type: "stack", children: "no list" },
      null,
      7,
      deep,
    ),
  );
  expect(await screen.findByText("<img src=x onerror=alert(1)>")).toBeTruthy();
  expect(screen.getByText("Win").closest("a")).toBeNull();
  expect(container.querySelector("img, b, script")).toBeNull();
  expect(screen.queryByText("too deep")).toBeNull();
  expect(screen.queryByTestId("panel-failed")).toBeNull();
});

test("links go home or to https, with the host beside them", async () => {
  expect(safeLink("https://user@evil.example/")).toBeUndefined();
  for (const href of [
    "//evil.example",
    "/\\evil.example",
    "/api/v1/session",
    "data:text/html,x",
    "http://a.example",
    7,
  ])
    expect(safeLink(href)).toBeUndefined();
  show(
    tree({ type: "link", label: "Out", href: "https://a.example/x" }, { type: "link", label: "In", href: "/clients" }),
  );
  const out = (await screen.findByText("Out")).closest("a");
  expect([out?.target, out?.rel]).toEqual(["_blank", "noopener noreferrer"]);
  expect(out?.textContent).toContain("a.example");
  expect(screen.getByText("In").getAttribute("href")).toBe("/clients");
});

test("a button posts its action, after asking where the plugin wants that, and the panel is drawn anew", async () => {
  const button = { type: "action", label: "Empty", action: "empty", args: { n: 1 }, confirm: "All go.", tone: "bad" };
  show(tree(button), { json: { result: { notice: "Empty now." } } }, tree({ type: "text", text: "drawn anew" }));
  await user.click(await screen.findByRole("button", { name: "Empty" }));
  expect(asked).toHaveLength(1);
  expect(await screen.findByText("All go.")).toBeTruthy();
  await user.click(screen.getAllByRole("button", { name: "Empty" }).at(-1) as HTMLElement);
  expect(await screen.findByText("drawn anew")).toBeTruthy();
  expect(new URL(asked[1]?.url ?? "").pathname).toBe("/api/v1/plugins/stamps/actions/empty");
  expect(asked[1]?.method).toBe("POST");
});

test("a refused action is said beside its button", async () => {
  show(tree({ type: "action", label: "Go", action: "go" }), {
    status: 403,
    json: { code: "role_needed", status: 403, title: "x", detail: "" },
  });
  await user.click(await screen.findByRole("button", { name: "Go" }));
  expect((await screen.findByTestId("problem")).textContent).toContain("Your role does not allow this.");
  expect(screen.getByRole("button", { name: "Go" })).toBeTruthy();
});

test("a form has the fields of the action's schema", async () => {
  const schema = {
    type: "object",
    required: ["n"],
    properties: { n: { type: "integer", title: "How many", minimum: 1 } },
  };
  show(tree({ type: "form", action: "stamp", submit: "Give", schema, values: {} }), { json: { result: {} } });
  await user.click(await screen.findByRole("button", { name: "Give" }));
  expect(asked).toHaveLength(1); // the field is empty
  await user.type(screen.getByLabelText("How many"), "3");
  await user.click(screen.getByRole("button", { name: "Give" }));
  await waitFor(() => expect(asked.length).toBeGreaterThan(1));
});

test("a panel that cannot be had says why, in its box, and can be tried again", async () => {
  const problem = { code: "bad_panel", status: 503, title: "x", detail: "children[3].text is too long" };
  show({ status: 503, json: problem }, tree({ type: "text", text: "Hello" }));
  const box = await screen.findByTestId("panel-failed");
  expect(box.textContent).toContain("This panel could not be shown.");
  expect(box.textContent).toContain("drew something that Portico does not show");
  expect(screen.getByText("The page around it")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Hello")).toBeTruthy();
});

test("who has not connected the account is not bothered", async () => {
  show({ status: 409, json: { code: "connection_needed", status: 409, title: "x", detail: "" } });
  await waitFor(() => expect(screen.queryByText("Stamp card")).toBeNull());
  expect(screen.getByText("The page around it")).toBeTruthy();
});
