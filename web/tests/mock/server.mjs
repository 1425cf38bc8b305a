// SPDX-License-Identifier: Apache-2.0
import { createState } from "./data.mjs";
import { createMockServer } from "./http.mjs";
import { createPlugins } from "./plugins.mjs";
import { calendarRoutes } from "./routes-calendar.mjs";
import { contactRead, contactRoutes } from "./routes-contacts.mjs";
import { hostRoutes, mockGoogle } from "./routes-host.mjs";
import { sessionAndImportRoutes } from "./routes-session.mjs";

/** An in-memory Portico on a free port of the loopback: {url, state, close}. */
export async function startMock({ today = new Date().toISOString().slice(0, 10), port = 0 } = {}) {
  const state = createState(today);
  state.plugins = createPlugins();
  state.page = mockGoogle(state);
  const server = createMockServer(state, [
    ...sessionAndImportRoutes,
    ...hostRoutes,
    ...contactRoutes,
    ...calendarRoutes,
    contactRead,
  ]);
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => {
    for (const stream of state.streams) stream.end();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, state, close };
}
