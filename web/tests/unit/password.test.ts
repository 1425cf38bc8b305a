// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApp } from "./harness";

let mock: Awaited<ReturnType<typeof startApp>>;
const user = userEvent.setup({ delay: null });
const wait = { timeout: 15_000 };

interface Asked {
  connections: Record<string, unknown>[];
}

// A plugin like the others, but by user name and password.
function addressBook(id: string, server: string | null) {
  const base = mock.state.plugins?.get("google-contacts") as { asks: Asked };
  const connection = { ...base.asks.connections[0], name: "server", kind: "basic", provider: "CardDAV", scopes: [] };
  const hosts = server ? [server] : [];
  mock.state.plugins?.set(id, {
    ...base,
    id,
    name: "Address book",
    asks: { ...base.asks, connections: [{ ...connection, hosts, server, serverIsChosenHere: true }] },
  });
}

beforeAll(async () => {
  mock = await startApp("/connections");
  addressBook("carddav", "dav.example.org");
  addressBook("unset", null);
  await user.type(await screen.findByTestId("sign-in-email", {}, wait), "owner@demo.test");
  await user.type(screen.getByTestId("sign-in-password"), "demo-password");
  await user.click(screen.getByTestId("sign-in-submit"));
}, 30_000);
afterAll(() => mock.close());

test("without a server it says who has to choose one", async () => {
  const note = await screen.findByTestId("no-server-unset", {}, wait);
  expect(note.textContent).toContain("Your administrator has not chosen a server yet.");
  expect((screen.getByTestId("connect-unset") as HTMLButtonElement).disabled).toBe(true);
});

test("the disclosure names the server before anything is asked for", async () => {
  await user.click(screen.getByTestId("connect-carddav"));
  const dialog = within(await screen.findByRole("dialog", {}, wait));
  expect(dialog.getByText(/Your user name and password at dav\.example\.org/)).toBeTruthy();
  expect(dialog.queryByTestId("password-form")).toBeNull();
  await user.click(dialog.getByTestId("continue-carddav"));
  expect((await screen.findByTestId("password-server", {}, wait)).textContent).toBe("dav.example.org");
});

test("a wrong password is said in words, and the next try has a form of its own", async () => {
  const form = within(screen.getByTestId("password-form"));
  const name = form.getByLabelText("User name there") as HTMLInputElement;
  const password = form.getByLabelText("Password there") as HTMLInputElement;
  expect(name.autocomplete).toBe("section-carddav username");
  expect([password.type, password.autocomplete]).toEqual(["password", "section-carddav current-password"]);
  await user.type(name, "mia");
  await user.type(password, "wrong");
  await user.click(form.getByTestId("send-password"));
  expect((await form.findByTestId("problem", {}, wait)).textContent).toContain("does not accept this user name");
  expect(password.value).toBe("");
  await waitFor(() => expect(mock.state.form).toBeTruthy(), wait);
  await user.type(password, "right");
  await user.click(form.getByTestId("send-password"));
  const connected = await screen.findByTestId("connection-carddav", {}, wait);
  expect(connected.textContent).toContain("mia at dav.example.org");
});
