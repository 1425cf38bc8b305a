// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { list, newId, Refusal } from "./http.mjs";
import { changed } from "./store.mjs";

const me = (state, session) => ({
  user: session.user,
  tenant: state.tenant,
  csrfToken: session.csrfToken,
  demo: true,
  privacy: { slug: "demo", number: 1, at: "2026-11-01T09:00:00Z", seen: true },
  historyDays: 396,
  googleSimulator: state.simulator ?? "https://localhost:8444/",
});

function open(state, user) {
  const cookie = randomBytes(16).toString("hex");
  const session = {
    id: newId(),
    user,
    csrfToken: randomBytes(16).toString("hex"),
    createdAt: new Date().toISOString(),
  };
  state.sessions.set(cookie, session);
  return {
    status: 201,
    json: me(state, session),
    headers: { "Set-Cookie": `portico=${cookie}; HttpOnly; SameSite=Lax; Path=/` },
  };
}

const sessionRoutes = [
  [
    "GET",
    "/session",
    ({ state, session }) => ({
      json: {
        signedIn: Boolean(session),
        setupNeeded: false,
        demo: true,
        me: session ? me(state, session) : null,
        csrfToken: session?.csrfToken ?? null,
      },
    }),
  ],
  [
    "POST",
    "/session",
    ({ state, body }) => {
      const user = [...state.users.values()].find((item) => item.email === body.email);
      if (!user || body.password !== "demo-password") throw new Refusal(401, "wrong_credentials");
      return open(state, user);
    },
  ],
  [
    "DELETE",
    "/session",
    ({ state, session }) => {
      for (const [cookie, item] of state.sessions) if (item === session) state.sessions.delete(cookie);
    },
  ],
  [
    "POST",
    "/setup",
    ({ state, body }) => {
      if (body.token !== "setup-token") throw new Refusal(403, "setup_token_invalid");
      return open(state, state.users.get("us-1"));
    },
  ],
  [
    "GET",
    "/sessions",
    ({ state, session }) =>
      list(
        [...state.sessions.values()].map((item) => ({
          id: item.id,
          createdAt: item.createdAt,
          lastSeenAt: new Date().toISOString(),
          current: item === session,
          userAgent: "Chromium on Linux",
        })),
      ),
  ],
  [
    "DELETE",
    "/sessions/{id}",
    ({ state, params }) => {
      for (const [cookie, item] of state.sessions) if (item.id === params.id) state.sessions.delete(cookie);
    },
  ],
  ["GET", "/conditions", () => list([])],
  ["GET", "/me", ({ state, session }) => ({ json: me(state, session) })],
  [
    "PATCH",
    "/me",
    ({ state, session, body }) => {
      if (body.newPassword && body.currentPassword !== "demo-password") throw new Refusal(401, "wrong_credentials");
      if ("name" in body) session.user.name = body.name;
      if ("language" in body) session.user.language = body.language;
      return { json: me(state, session) };
    },
  ],
];

const importRoutes = [
  [
    "POST",
    "/contacts/imports",
    ({ state, raw, query }) => {
      const lines = raw
        .toString("utf8")
        .replace(/^\uFEFF/, "")
        .split(/\r?\n/)
        .filter(Boolean);
      const head = lines[0]?.split(",") ?? [];
      const column = (...wanted) => head.findIndex((item) => wanted.includes(item.trim()));
      const [given, family, email, phone] = [
        column("First Name", "Given Name"),
        column("Last Name", "Family Name"),
        column("E-mail 1 - Value"),
        column("Phone 1 - Value"),
      ];
      if (given < 0) throw new Refusal(422, "not_a_contacts_csv");
      const rows = lines.slice(1).map((line, index) => ({ row: index + 2, cells: line.split(",") }));
      const good = rows.filter(({ cells }) => cells[given]);
      const errors = rows
        .filter(({ cells }) => !cells[given])
        .map(({ row }) => ({ row, column: "First Name", message: "The row has no name." }));
      const sample = good.map(({ row, cells }) => ({
        row,
        displayName: `${cells[given]} ${cells[family] ?? ""}`.trim(),
        email: cells[email] ?? null,
        phone: cells[phone] ?? null,
        duplicateOf: null,
      }));
      const item = {
        id: newId(),
        name: query.get("name"),
        state: "preview",
        encoding: "UTF-8",
        total: rows.length,
        ready: good.length,
        duplicates: 0,
        errors,
        errorCount: errors.length,
        sample: sample.slice(0, 20),
        created: 0,
        kept: 0,
        createdAt: new Date().toISOString(),
      };
      state.imports.set(item.id, { item, sample });
      return { status: 201, json: item };
    },
  ],
  ["GET", "/contacts/imports/{id}", ({ state, params }) => ({ json: state.imports.get(params.id)?.item })],
  [
    "POST",
    "/contacts/imports/{id}/commit",
    ({ state, session, params }) => {
      const found = state.imports.get(params.id);
      found.ids = found.sample.map((row) => {
        const id = newId();
        const now = new Date().toISOString();
        state.contacts.set(id, {
          id,
          version: 1,
          card: { "@type": "Card", name: { full: row.displayName } },
          displayName: row.displayName,
          archived: false,
          createdAt: now,
          updatedAt: now,
          sync: [],
        });
        return id;
      });
      Object.assign(found.item, { state: "committed", created: found.ids.length });
      changed(state, session, "contact.imported", params.id, found.item.name ?? "");
      return { json: found.item };
    },
  ],
  [
    "POST",
    "/contacts/imports/{id}/undo",
    ({ state, session, params }) => {
      const found = state.imports.get(params.id);
      for (const id of found.ids) state.contacts.delete(id);
      Object.assign(found.item, { state: "undone" });
      changed(state, session, "contact.import_undone", params.id, found.item.name ?? "");
      return { json: found.item };
    },
  ],
];

export const sessionAndImportRoutes = [...sessionRoutes, ...importRoutes];
