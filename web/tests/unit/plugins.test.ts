// SPDX-License-Identifier: Apache-2.0
// The admin's pages about plugins, in the real application against the in-memory server.
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApp } from "./harness";

let mock: Awaited<ReturnType<typeof startApp>>;
const user = userEvent.setup({ delay: null });
const wait = { timeout: 15_000 };

beforeAll(async () => {
  mock = await startApp("/plugins");
  await user.type(await screen.findByTestId("sign-in-email", {}, wait), "owner@demo.test");
  await user.type(screen.getByTestId("sign-in-password"), "demo-password");
  await user.click(screen.getByTestId("sign-in-submit"));
}, 30_000);
afterAll(() => mock.close());

const open = async (id: string) => {
  if (location.pathname !== "/plugins")
    await user.click(screen.getAllByRole("link", { name: "Plugins" })[0] as HTMLElement);
  await user.click(await screen.findByTestId(`plugin-${id}`, {}, wait));
};

test("the list says the one thing that matters about each", async () => {
  const newsletter = await screen.findByTestId("plugin-newsletter", {}, wait);
  expect(newsletter.textContent).toContain("Asks for more");
  expect(screen.getByTestId("plugin-old-till").textContent).toContain("May not run");
  expect(screen.getByTestId("plugin-stamp-card").textContent).toContain("Enabled");
});

test("an update that asks for more shows what, and agreeing goes on", async () => {
  await open("newsletter");
  const changes = await screen.findByTestId("consent-changes", {}, wait);
  expect(changes.textContent).toContain("Adds, changes and deletes: Clients.");
  expect(changes.textContent).toContain("Marks who no longer wants the letter.");
  expect(changes.textContent).toContain("api.lund.example");
  await user.click(within(changes).getByTestId("consent-agree"));
  await waitFor(() => expect(screen.queryByTestId("consent-changes")).toBeNull(), wait);
  expect(mock.state.plugins?.get("newsletter")?.enabled).toBe(true);
});

test("switching off says what erasing erases, and erases only when asked", async () => {
  await user.click(await screen.findByTestId("disable", {}, wait));
  const dialog = within(await screen.findByRole("dialog", {}, wait));
  expect(dialog.queryByText("everything it noted for itself")).toBeNull();
  await user.click(dialog.getByTestId("disable-erase"));
  expect(dialog.getByText("everything it noted for itself")).toBeTruthy();
  await user.click(dialog.getByRole("button", { name: "Switch off and erase" }));
  expect(await screen.findByText(/its data erased: 12 notes/, {}, wait)).toBeTruthy();
  expect(mock.state.plugins?.get("newsletter")?.enabled).toBe(false);
});

test("one that may not run says so and offers no switch", async () => {
  await open("old-till");
  expect(await screen.findByText(/does not let it run/, {}, wait)).toBeTruthy();
  expect(screen.getByText(/is not the one that was signed/)).toBeTruthy();
  expect(screen.queryByTestId("enable")).toBeNull();
});

test("settings have lists and groups, and a fault stands beside its field", async () => {
  await open("stamp-card");
  await user.click(await screen.findByRole("button", { name: "Add to Rewards" }, wait));
  const rewards = screen.getAllByLabelText("Reward");
  expect(rewards).toHaveLength(2);
  await user.type(rewards[1] as HTMLElement, "x");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(rewards[1]?.getAttribute("aria-invalid")).toBe("true"));
  await user.type(rewards[1] as HTMLElement, "yz");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(mock.state.plugins?.get("stamp-card")?.settings).toMatchObject({
      values: { rewards: [{ name: "Hair mask", at: 5 }, { name: "xyz" }] },
    }),
  );
});

test("who has not connected can be sent a link", async () => {
  await open("google-contacts");
  const people = within(await screen.findByTestId("people-google-contacts", {}, wait));
  expect(people.getAllByText("not connected").length).toBeGreaterThan(0);
  await user.click(people.getAllByRole("button", { name: /^Copy a link for/ })[0] as HTMLElement);
  expect(await screen.findByText(/The link was copied|Send this link/, {}, wait)).toBeTruthy();
});
