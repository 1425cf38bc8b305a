// SPDX-License-Identifier: Apache-2.0
// How to get to each state that is worth looking at; shared by the screenshots and axe. The order matters: later scenes
// find what earlier ones did (connected accounts, audit events).
const open = async ({ page, mock }, path) => {
  await page.goto(mock.url + path);
  await page.waitForLoadState("load");
  await page.locator("main h1").first().waitFor();
};
const isPhone = (page) => page.viewportSize().width < 768;

export const scenes = {
  "01-signin": async (at) => {
    await at.page.goto(`${at.mock.url}/signin`);
    await at.page.getByTestId("sign-in-email").waitFor();
  },
  "02-signin-wrong": async ({ page }) => {
    await page.getByTestId("sign-in-email").fill("owner@demo.test");
    await page.getByTestId("sign-in-password").fill("wrong");
    await page.getByTestId("sign-in-submit").click();
    await page.getByTestId("problem").waitFor();
  },
  "03-setup": async (at) => {
    await at.page.goto(`${at.mock.url}/setup?token=setup-token`);
    await at.page.locator("h1").waitFor();
  },
  "10-calendar-day": async (at) => {
    await at.signIn();
    await at.page.getByTestId("appointment").first().waitFor();
  },
  "11-calendar-popover": async ({ page }) => {
    const slot = page.locator('[data-slot="0|780"], [data-slot="0|810"]').first();
    await slot.evaluate((element) => element.scrollIntoView({ block: "center" }));
    await slot.click();
    await page.getByLabel("Client").first().fill("Zoe Harris");
    await page.getByRole("option").first().waitFor();
  },
  "12-calendar-conflict": async (at) => {
    await open(at, "/calendar");
    const { page } = at;
    await page.locator('[data-slot="0|600"], [data-slot="0|585"]').first().click({ force: true });
    await page.getByLabel("Client").first().fill("Anna");
    await page.getByRole("option", { name: "Anna Berg" }).click();
    await page.getByTestId("slot-save").click();
    await page.getByTestId("conflict").waitFor();
  },
  "13-calendar-edit": async (at) => {
    await open(at, "/calendar");
    await at.page.getByTestId("appointment").first().click();
    await at.page.getByTestId("booking-save").waitFor();
  },
  "14-calendar-move": async ({ page }) => {
    await page.getByTestId("move").click();
    await page.locator("[data-moving]").waitFor();
    await page.locator('[data-slot="0|705"]').hover({ force: true });
  },
  "14b-calendar-move-refused": async ({ page }) => {
    await page.locator('[data-slot="0|705"]').click({ force: true });
    await page.getByTestId("conflict").waitFor();
  },
  "15-calendar-moved": async ({ page }) => {
    // Jonas has time; on a phone Mia's column is the only one, and 13:30 is free.
    await page
      .locator(isPhone(page) ? '[data-slot="0|450"], [data-slot="0|1020"]' : '[data-slot="1|705"]')
      .first()
      .click({ force: true });
    await page.getByRole("button", { name: "Undo" }).waitFor();
  },
  "16-calendar-week": async (at) => {
    await open(at, "/calendar?view=week");
    await at.page.waitForTimeout(300);
  },
  "17-calendar-person": (at) => open(at, "/calendar?view=person"),
  "18-calendar-date": async (at) => {
    await open(at, "/calendar");
    await at.page.locator("header button[aria-haspopup=dialog]").click();
    await at.page.locator("table").first().waitFor();
  },
  "20-clients": async (at) => {
    await open(at, "/clients");
    await at.page.getByTestId("client-row").first().waitFor();
  },
  "21-clients-search": async (at) => {
    await open(at, "/clients?q=elo");
    await at.page.getByTestId("client-row").first().waitFor();
  },
  "22-clients-none": (at) => open(at, "/clients?q=zzz"),
  "23-clients-add": async (at) => {
    await open(at, "/clients");
    await at.page.getByTestId("add-client").click();
    await at.page.getByLabel("First name").waitFor();
  },
  "24-client": async (at) => {
    await open(at, "/clients/ct-1");
    await at.page.getByText("Patch test").first().waitFor();
  },
  "25-client-edit": async ({ page }) => {
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("First name").waitFor();
  },
  "26-import": (at) => open(at, "/clients/import"),
  "27-import-preview": async ({ page }) => {
    const csv =
      "First Name,Last Name,E-mail 1 - Value,Phone 1 - Value\nIda,Lund,ida@example.test,+47 1\n,,nobody@example.test,\nPer,Holm,,\n";
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "contacts.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByTestId("import-commit").waitFor();
  },
  "28-import-done": async ({ page }) => {
    await page.getByTestId("import-commit").click();
    await page.getByTestId("import-undo").waitFor();
  },
  "30-connections": async (at) => {
    await open(at, "/connections");
    await at.page.getByTestId("connect-google-contacts").waitFor();
  },
  "31-disclosure": async ({ page }) => {
    await page.getByTestId("connect-google").click();
    await page.getByTestId("continue-google-contacts").waitFor();
  },
  "32-disclosure-next": async ({ page }) => {
    await page.getByTestId("continue-google-contacts").click();
    await page.getByTestId("continue-google-calendar").waitFor();
  },
  "33-connected": async ({ page }) => {
    await page.getByTestId("continue-google-calendar").click();
    await page.getByTestId("continue-google-drive").click();
    await page.getByTestId("connection-google-drive").waitFor();
    await page.waitForTimeout(300);
  },
  "34-client-drive": async (at) => {
    await open(at, "/clients/ct-1");
    await at.page.getByTestId("attach-from-drive").click();
    await at.page.getByText("colour-formula.png").first().waitFor();
  },
  "35-receipt": async (at) => {
    await open(at, "/connections");
    await at.page.getByTestId("disconnect-google").click();
    await at.page.getByTestId("receipt").waitFor();
  },
  "24b-client-panel": async (at) => {
    await open(at, "/clients/ct-1");
    await at.page.getByTestId("panel-stamp-card").getByText("Regular").waitFor();
    await at.page.getByTestId("panel-stamp-card").scrollIntoViewIfNeeded();
  },
  "24c-client-panel-confirm": async ({ page }) => {
    await page.getByRole("button", { name: "Empty the card" }).click();
    await page.getByText("All stamps go.").waitFor();
  },
  "24d-client-panel-broken": async (at) => {
    at.mock.state.broken = new Set(["stamp-card"]);
    await open(at, "/clients/ct-1");
    await at.page.getByTestId("panel-failed").waitFor();
    await at.page.getByTestId("panel-stamp-card").scrollIntoViewIfNeeded();
    at.mock.state.broken = undefined;
  },
  "24e-plugin-page": async (at) => {
    await open(at, "/pages/stamp-card");
    await at.page.getByText("All cards").waitFor();
  },
  "24f-appointment-action": async (at) => {
    await open(at, "/calendar");
    await at.page.getByTestId("appointment").first().click();
    await at.page.getByRole("button", { name: "Stamp this visit" }).click();
    await at.page.getByTestId("panel-stamp-card").getByText("Regular").waitFor();
  },
  "40-plugins": async (at) => {
    await open(at, "/plugins");
    await at.page.getByTestId("plugin-stamp-card").waitFor();
  },
  "41-plugin": (at) => open(at, "/plugins/google-calendar"),
  "42-plugin-settings": async (at) => {
    await open(at, "/plugins/stamp-card");
    await at.page.getByRole("button", { name: "Add to Rewards" }).click();
    await at.page.getByLabel("Reward", { exact: true }).last().fill("x");
    await at.page.getByRole("button", { name: "Save" }).click();
    await at.page.locator("[aria-invalid=true]").last().scrollIntoViewIfNeeded();
  },
  "43-plugin-consent": async (at) => {
    await open(at, "/plugins/newsletter");
    await at.page.getByTestId("consent-changes").waitFor();
  },
  "44-plugin-refused": (at) => open(at, "/plugins/old-till"),
  "45-plugin-disable": async (at) => {
    await open(at, "/plugins/google-contacts");
    await at.page.getByTestId("disable").click();
    await at.page.getByTestId("disable-erase").click();
    await at.page.getByText("everything it noted for itself").waitFor();
  },
  "50-audit": async (at) => {
    await open(at, "/audit");
    await at.page.getByTestId("audit-row").first().waitFor();
    await at.page.getByRole("button", { name: "Show raw event" }).first().click();
  },
  "60-settings": (at) => open(at, "/settings"),
  "61-services": (at) => open(at, "/settings?tab=services"),
  "62-staff": async (at) => {
    await open(at, "/settings?tab=staff");
    await at.page.getByRole("button", { name: /Jonas/ }).click();
  },
  "63-users": (at) => open(at, "/settings?tab=users"),
  "70-palette": async (at) => {
    await open(at, "/clients");
    await at.page.keyboard.press("Control+k");
    await at.page.getByPlaceholder("Search clients and pages").fill("an");
    await at.page.waitForTimeout(400);
  },
  "80-more": async (at) => {
    await open(at, "/clients");
    if (isPhone(at.page)) await at.page.getByRole("button", { name: "More", exact: true }).click();
  },
};
