// SPDX-License-Identifier: Apache-2.0
import { list, newId, page, Refusal, versioned } from "./http.mjs";
import { drawPanel } from "./plugins.mjs";
import { changed } from "./store.mjs";

function connect(
  state,
  session,
  plugin,
  without,
  by = { kind: "oauth2", account: "mia.keller@gmail.test", server: null },
) {
  const { connections } = plugin.asks;
  const scopes = connections[0].scopes.map((scope) => ({
    ...scope,
    requested: true,
    granted: scope.scope !== without,
    lastUsedAt: null,
  }));
  const id = `cn-${plugin.id}`;
  state.connections.set(id, {
    id,
    ...by,
    plugin: plugin.id,
    pluginName: plugin.name,
    state: "connected",
    scopes,
    connectedAt: new Date().toISOString(),
    lastUsedAt: new Date().toISOString(),
    problem: null,
  });
  state.log.unshift({
    id: newId(),
    at: new Date().toISOString(),
    kind: "connected",
    plugin: plugin.id,
    pluginName: plugin.name,
    account: by.account,
    detail: null,
  });
  state.uses.unshift({
    id: newId(),
    plugin: plugin.id,
    pluginName: plugin.name,
    account: by.account,
    method: "GET",
    host: connections[0].hosts[0],
    path: "/v1/people/{id}",
    firstAt: new Date().toISOString(),
    lastAt: new Date().toISOString(),
    count: 1,
    failed: 0,
  });
  changed(state, session, "connection.connected", id, plugin.name);
}

function receipt(state, session, removed, revoked) {
  for (const item of removed) {
    state.connections.delete(item.id);
    state.log.unshift({
      id: newId(),
      at: new Date().toISOString(),
      kind: "disconnected",
      plugin: item.plugin,
      pluginName: item.pluginName,
      account: item.account,
      detail: null,
    });
    changed(state, session, "connection.disconnected", item.id, item.pluginName);
  }
  state.receipts += 1;
  return {
    json: {
      number: `R-2026-${String(state.receipts).padStart(4, "0")}`,
      at: new Date().toISOString(),
      account: removed[0]?.account ?? "",
      removed: removed.map(({ id, plugin, pluginName }) => ({ id, plugin, pluginName })),
      revoked,
      revokeUrl: revoked === "confirmed" || revoked === "nothing" ? null : "https://myaccount.google.com/connections",
    },
  };
}

function sharing(state) {
  state.sharing ??= new Map();
  return [...state.plugins.values()]
    .filter((plugin) => plugin.enabled)
    .flatMap((plugin) =>
      plugin.asks.provenance.map((asked) => ({
        plugin: plugin.id,
        pluginName: plugin.name,
        ...asked,
        allowed: state.sharing.has(plugin.id),
        allowedAt: state.sharing.get(plugin.id) ?? null,
      })),
    );
}

const connectionRoutes = [
  ["GET", "/connections", ({ state }) => list([...state.connections.values()])],
  ["GET", "/connections/google", () => ({ json: { ready: true } })],
  [
    "POST",
    "/connections/begin",
    ({ state, session, body }) => {
      const transaction = newId();
      const [asked] = state.plugins.get(body.plugin).asks.connections;
      if (asked.kind === "basic") {
        state.form = { form: transaction, plugin: body.plugin };
        return { json: { authorizationUrl: null, password: { form: transaction, server: asked.server } } };
      }
      state.pending = { session, ...body, transaction };
      const query = new URLSearchParams({ plugin: body.plugin, returnTo: body.returnTo ?? "/connections" });
      return { json: { authorizationUrl: `/mock-google?${query}`, password: null } };
    },
  ],
  [
    "POST",
    "/connections/password",
    ({ state, session, body }) => {
      if (state.form?.form !== body.form) throw new Refusal(403, "form_used", "This form was already sent.");
      const plugin = state.plugins.get(state.form.plugin);
      state.form = undefined;
      if (body.password === "wrong") throw new Refusal(400, "password_refused", "The server does not accept it.");
      const { server } = plugin.asks.connections[0];
      connect(state, session, plugin, undefined, { kind: "basic", account: body.userName, server });
      return { json: state.connections.get(`cn-${plugin.id}`) };
    },
  ],
  [
    "POST",
    "/connections/disconnect-google",
    ({ state, session, body }) =>
      receipt(
        state,
        session,
        [...state.connections.values()].filter((item) => item.account === body.account),
        "confirmed",
      ),
  ],
  ["GET", "/connections/uses-by-day", ({ state, query }) => page(state.uses, query)],
  ["GET", "/connections/sharing", ({ state }) => list(sharing(state))],
  [
    "PUT",
    "/connections/sharing/{id}",
    ({ state, params, body }) => {
      if (!sharing(state).some((item) => item.plugin === params.id && item.permission === body.permission))
        throw new Refusal(400, "invalid_body", "/permission is nothing that this plugin asks for.");
      if (body.allowed) state.sharing.set(params.id, new Date().toISOString());
      else state.sharing.delete(params.id);
      return list(sharing(state));
    },
  ],
  ["GET", "/connections/log", ({ state, query }) => page(state.log, query)],
  [
    "DELETE",
    "/connections/{id}",
    ({ state, session, params }) =>
      receipt(state, session, [state.connections.get(params.id)], state.connections.size > 1 ? "shared" : "confirmed"),
  ],
];

const fileRoutes = [
  [
    "GET",
    "/files",
    ({ state, query }) =>
      page(
        [...state.files.values()].filter((item) => item.contactId === query.get("contactId")),
        query,
      ),
  ],
  [
    "POST",
    "/files",
    ({ state, session, raw, query, request }) => {
      const file = {
        id: newId(),
        name: query.get("name"),
        mediaType: request.headers["content-type"],
        size: raw.length,
        contactId: query.get("contactId"),
        sha256: "0".repeat(64),
        createdAt: new Date().toISOString(),
        drive: null,
      };
      state.files.set(file.id, file);
      changed(state, session, "file.created", file.id, file.name);
      return { status: 201, json: file };
    },
  ],
  [
    "POST",
    "/files/pick",
    ({ state, session, body }) => {
      state.pending = { session, ...body };
      return {
        json: { authorizationUrl: `/mock-google?${new URLSearchParams({ pick: "1", returnTo: body.returnTo })}` },
      };
    },
  ],
  ["GET", "/files/{id}/content", () => ({ content: "file", headers: { "Content-Type": "application/octet-stream" } })],
  [
    "POST",
    "/files/{id}/drive",
    ({ state, params }) => {
      const file = state.files.get(params.id);
      file.drive = {
        ref: "d1",
        webViewLink: "https://drive.google.com/file/d/d1/view",
        state: "synced",
        reason: null,
        picked: false,
        shares: [],
      };
      return { status: 202, json: file };
    },
  ],
  [
    "POST",
    "/files/{id}/shares",
    ({ state, params, body }) => {
      const file = state.files.get(params.id);
      file.drive.shares.push({ id: newId(), email: body.email, role: body.role });
      return { status: 201, json: file };
    },
  ],
  [
    "DELETE",
    "/files/{id}/shares/{share}",
    ({ state, params }) => {
      const { drive } = state.files.get(params.id);
      drive.shares = drive.shares.filter((item) => item.id !== params.share);
    },
  ],
  ["DELETE", "/files/{id}", ({ state, params }) => void state.files.delete(params.id)],
];

function withPeople(state, plugin) {
  if (!plugin.asks.connections.length) return plugin;
  const mine = [...state.connections.values()].filter((item) => item.plugin === plugin.id);
  const people = [...state.users.values()].map((user, index) => ({
    userId: user.id,
    name: user.name,
    connections: (index ? [] : mine).map((item) => ({
      name: "google",
      state: item.state,
      problem: null,
      connectedAt: item.connectedAt,
      lastUsedAt: item.lastUsedAt,
    })),
  }));
  return { ...plugin, people };
}

const setEnabled =
  (enabled) =>
  ({ state, session, params, body }) => {
    const plugin = state.plugins.get(params.id);
    plugin.enabled = enabled;
    plugin.consentChanges = [];
    const erased = { stored: 12, settings: true, connections: 0, receipts: [] };
    if (!enabled && body?.data === "erase") return { json: { ...plugin, erased } };
    changed(state, session, `plugin.${enabled ? "enabled" : "disabled"}`, plugin.id, plugin.name);
    return { json: plugin };
  };

const adminRoutes = [
  ["GET", "/plugins", ({ state }) => list([...state.plugins.values()])],
  ["GET", "/plugins/{id}", ({ state, params }) => ({ json: withPeople(state, state.plugins.get(params.id)) })],
  ["POST", "/plugins/{id}/enable", setEnabled(true)],
  ["POST", "/plugins/{id}/disable", setEnabled(false)],
  [
    "GET",
    "/plugins/{id}/ui/{point}/{version}",
    ({ state, params }) => {
      const tree = drawPanel(state, state.plugins.get(params.id), `${params.point}/${params.version}`);
      if (tree) return { json: { tree } };
      throw new Refusal(503, "bad_panel", "children[3].text is longer than 2000 characters");
    },
  ],
  [
    "POST",
    "/plugins/{id}/actions/{action}",
    ({ state, session, params, body }) => {
      state.stamps = (state.stamps ?? 7) + body.args.by;
      const plugin = state.plugins.get(params.id);
      changed(state, session, "plugin.action_used", plugin.id, plugin.name);
      return { json: { result: { notice: `The card has ${state.stamps} stamps now.` } } };
    },
  ],
  [
    "PUT",
    "/plugins/{id}/settings",
    ({ state, session, params, body }) => {
      const plugin = state.plugins.get(params.id);
      plugin.settings.values = body.values;
      changed(state, session, "plugin.settings_changed", plugin.id, plugin.name);
      return { json: plugin };
    },
  ],
  [
    "GET",
    "/sync",
    ({ state, session }) =>
      list(
        [...state.connections.values()].map((item) => ({
          plugin: item.plugin,
          pluginName: item.pluginName,
          connectionId: item.id,
          userId: session.user.id,
          userName: session.user.name,
          stream: "main",
          title: item.pluginName,
          direction: "both",
          state: "idle",
          lastPullAt: new Date(Date.now() - 130_000).toISOString(),
          lastPushAt: new Date().toISOString(),
          pending: 0,
          failed: item.plugin === "google-contacts" ? 1 : 0,
          conflicts: 0,
          problem: null,
          notifications: { state: item.plugin === "google-calendar" ? "on" : "off", problem: null },
        })),
      ),
  ],
  ["POST", "/sync/run", () => ({ status: 202, json: { items: [], next: null } })],
  ["GET", "/sync/conflicts", () => list([])],
  [
    "GET",
    "/audit-events",
    ({ state, query }) =>
      page(
        state.audit.filter(
          (item) =>
            (!query.get("actor") || item.actor === query.get("actor")) &&
            (!query.get("type") || item.type.startsWith(query.get("type"))) &&
            (!query.get("subject") || item.subjectId === query.get("subject")) &&
            (!query.get("from") || item.at >= query.get("from")) &&
            (!query.get("to") || item.at < query.get("to")),
        ),
        query,
      ),
  ],
  [
    "GET",
    "/audit-events/proof",
    ({ state, query }) => ({
      json: {
        ok: true,
        count: state.audit.length,
        seq: state.audit[0]?.seq ?? 0,
        head: "5e".repeat(32),
        ...(query.get("noted") && { noted: query.get("noted").includes("-5e5e") }),
      },
    }),
  ],
  ["GET", "/tenants", ({ state }) => list([state.tenant])],
  [
    "PATCH",
    "/tenants/{id}",
    ({ state, session, body }) => {
      Object.assign(state.tenant, body);
      changed(state, session, "tenant.updated", state.tenant.id, state.tenant.name);
      return { json: state.tenant };
    },
  ],
  ["GET", "/users", ({ state }) => list([...state.users.values()])],
  [
    "POST",
    "/users",
    ({ state, session, body }) => {
      const { password: _, ...rest } = body;
      const user = { id: newId(), version: 1, active: true, language: null, lastSignInAt: null, ...rest };
      state.users.set(user.id, user);
      changed(state, session, "user.created", user.id, user.name);
      return versioned(user, 201);
    },
  ],
  [
    "PATCH",
    "/users/{id}",
    ({ state, params, body }) => {
      const user = state.users.get(params.id);
      Object.assign(user, body, { version: user.version + 1 });
      return versioned(user);
    },
  ],
  [
    "POST",
    "/users/{id}/deactivate",
    ({ state, params }) => {
      const user = state.users.get(params.id);
      user.active = false;
      return versioned(user);
    },
  ],
  [
    "GET",
    "/events",
    ({ state, response }) => {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.write(": hello\n\n");
      state.streams.add(response);
      response.on("close", () => state.streams.delete(response));
      return "streaming";
    },
  ],
];

/** Stands for Google's consent page: grants at once and comes back as the OAuth callback would. */
export function mockGoogle(state) {
  return (url, response) => {
    if (url.pathname !== "/mock-google") return false;
    const back = new URL(url.searchParams.get("returnTo"), "http://mock");
    const { session, contactId } = state.pending;
    if (url.searchParams.get("pick")) {
      const id = newId();
      state.files.set(id, {
        id,
        name: "colour-formula.png",
        mediaType: "image/png",
        size: 88_000,
        contactId,
        sha256: null,
        createdAt: new Date().toISOString(),
        drive: {
          ref: "d2",
          webViewLink: "https://drive.google.com/file/d/d2/view",
          state: "synced",
          reason: null,
          picked: true,
          shares: [],
        },
      });
      changed(state, session, "file.attached", id, "colour-formula.png");
      back.searchParams.set("picked", "1");
    } else {
      const plugin = url.searchParams.get("plugin");
      // Asking again for one scope grants it; the first time the optional one is left out.
      const optional = state.plugins.get(plugin).asks.connections[0].scopes.find((scope) => scope.optional);
      connect(state, session, state.plugins.get(plugin), state.pending.scopes ? undefined : optional?.scope);
      back.searchParams.set("connected", plugin);
    }
    response.writeHead(303, { Location: back.pathname + back.search }).end();
    return true;
  };
}

export const hostRoutes = [...connectionRoutes, ...fileRoutes, ...adminRoutes];
