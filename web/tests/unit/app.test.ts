// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApp } from "./harness";

let mock: Awaited<ReturnType<typeof startApp>>;
const user = userEvent.setup({ delay: null });
const wait = { timeout: 15_000 };

// One walk through the application, in order, as a person would take it.
beforeAll(async () => {
  mock = await startApp("/calendar?date=2026-11-24");
}, 30_000);
afterAll(() => mock.close());

test("somebody who is not signed in is asked to, and a wrong password is said in words", async () => {
  await user.type(await screen.findByTestId("sign-in-email", {}, wait), "owner@demo.test");
  await user.type(screen.getByTestId("sign-in-password"), "wrong");
  await user.click(screen.getByTestId("sign-in-submit"));
  const problem = await screen.findByTestId("problem", {}, wait);
  expect(problem.textContent).toContain("The e-mail address or password is not right.");
  expect(problem.textContent).toContain("wrong_credentials");
});

test("after signing in they are where they wanted to go", async () => {
  await user.clear(screen.getByTestId("sign-in-password"));
  await user.type(screen.getByTestId("sign-in-password"), "demo-password");
  await user.click(screen.getByTestId("sign-in-submit"));
  expect(await screen.findByLabelText(/09:00–09:45, Haircut, Anna Berg, Mia Keller/, {}, wait)).toBeTruthy();
  expect(location.search).toContain("2026-11-24");
});

test("booking a taken time names what is in the way and keeps the form", async () => {
  await user.click(screen.getByLabelText("Book Mia Keller at 09:45"));
  const popover = within(await screen.findByTestId("slot-popover", {}, wait));
  await user.type(popover.getByRole("combobox", { name: "Client" }), "Ben");
  await user.click(await popover.findByRole("option", { name: "Ben Okafor" }, wait));
  await user.click(popover.getByTestId("slot-save"));
  const conflict = await popover.findByTestId("conflict", {}, wait);
  expect(conflict.textContent).toContain("Mia Keller already has “Colour & cut” from 10:00 to 12:00.");
});

test("a new name becomes a client while booking", async () => {
  const popover = within(screen.getByTestId("slot-popover"));
  const minutes = popover.getByLabelText("Minutes");
  await user.clear(minutes);
  await user.type(minutes, "15");
  const field = popover.getByRole("combobox", { name: "Client" });
  await user.clear(field);
  await user.type(field, "Zoe Harris");
  await user.click(await popover.findByRole("option", { name: /Add new client “Zoe Harris”/ }, wait));
  await waitFor(() =>
    expect([...(mock.state.contacts?.values() ?? [])].some((item) => item.displayName === "Zoe Harris")).toBe(true),
  );
  await waitFor(() => expect((field as HTMLInputElement).value).toBe("Zoe Harris"));
  await user.click(popover.getByTestId("slot-save"));
  expect(await screen.findByLabelText(/09:45–10:00, Zoe Harris, Zoe Harris, Mia Keller/, {}, wait)).toBeTruthy();
});

test("cancelling frees the time and Undo brings it back", async () => {
  await user.click(screen.getByLabelText(/09:45–10:00/));
  await user.click(await screen.findByText("Cancel booking", {}, wait));
  await waitFor(() => expect(screen.queryByLabelText(/09:45–10:00/)).toBeNull(), wait);
  await user.click(await screen.findByText("Undo", {}, wait));
  expect(await screen.findByLabelText(/09:45–10:00/, {}, wait)).toBeTruthy();
});

test("Move… puts an appointment where a slot is clicked", async () => {
  await user.click(screen.getByLabelText(/09:45–10:00/));
  await user.click(await screen.findByTestId("move", {}, wait));
  await user.click(await screen.findByLabelText("Move to Jonas Weber at 12:00", {}, wait));
  expect(await screen.findByLabelText(/12:00–12:15, .*Jonas Weber/, {}, wait)).toBeTruthy();
});
