// SPDX-License-Identifier: Apache-2.0
import { guarded, newId, page, Refusal, versioned } from "./http.mjs";
import { changed, store, syncOf } from "./store.mjs";

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function matches(contact, q) {
  const text = plain(
    JSON.stringify([contact.displayName, contact.card.emails, contact.card.phones, contact.card.organizations]),
  );
  const digits = text.replace(/\D/g, "");
  return plain(q)
    .split(/\s+/)
    .every((word) => text.includes(word) || (/^\d+$/.test(word) && digits.includes(word)));
}

function contactFrom(state, body, old) {
  const { card } = body;
  const displayName = card.name?.full || Object.values(card.organizations ?? {})[0]?.name;
  if (!displayName) throw new Refusal(422, "invalid_body", "A contact needs a name.");
  const now = new Date().toISOString();
  return {
    archived: false,
    createdAt: now,
    ...old,
    card,
    displayName,
    updatedAt: now,
    sync: syncOf(state, "google-contacts"),
  };
}

function timeline(state, contactId) {
  const entries = [
    ...[...state.appointments.values()]
      .filter((item) => item.contactIds.includes(contactId))
      .map((item) => ({
        at: item.startsAt,
        kind: item.kind,
        title: item.title,
        text: `${state.staff.get(item.staffId)?.name} · ${item.durationMinutes} min${item.status === "confirmed" ? "" : ` · ${item.status}`}`,
        ref: { kind: "appointment", id: item.id },
      })),
    ...state.notes
      .filter((item) => item.contactId === contactId)
      .map((item) => ({
        at: item.at,
        kind: "note",
        title: item.author,
        text: item.text,
        ref: { kind: "note", id: item.id },
      })),
    ...[...state.files.values()]
      .filter((item) => item.contactId === contactId)
      .map((item) => ({
        at: item.createdAt,
        kind: "file",
        title: item.name,
        text: null,
        ref: { kind: "file", id: item.id },
      })),
  ];
  return entries.sort((a, b) => b.at.localeCompare(a.at));
}

const contacts = [
  [
    "GET",
    "/contacts",
    ({ state, query }) =>
      page(
        [...state.contacts.values()]
          .filter(
            (item) =>
              item.archived === (query.get("archived") === "true") &&
              (!query.get("q") || matches(item, query.get("q"))),
          )
          .sort((a, b) => a.displayName.localeCompare(b.displayName)),
        query,
      ),
  ],
  [
    "POST",
    "/contacts",
    ({ state, session, body }) => {
      const fields = contactFrom(state, body);
      return store(state, state.contacts, session, "contact", newId(), undefined, fields, fields.displayName);
    },
  ],
  [
    "GET",
    "/contacts/{id}",
    ({ state, params }) => {
      const found = state.contacts.get(params.id);
      if (!found) throw new Refusal(404, "not_found");
      return versioned(found);
    },
  ],
  [
    "PUT",
    "/contacts/{id}",
    ({ state, session, params, request, body }) => {
      const old = guarded(state.contacts, params.id, request);
      return store(
        state,
        state.contacts,
        session,
        "contact",
        old.id,
        old,
        contactFrom(state, body, old),
        old.displayName,
      );
    },
  ],
  [
    "DELETE",
    "/contacts/{id}",
    ({ state, session, params, request }) => {
      const old = guarded(state.contacts, params.id, request);
      if (
        [...state.appointments.values()].some(
          (item) =>
            item.contactIds.includes(old.id) && item.status === "confirmed" && item.endsAt > new Date().toISOString(),
        )
      )
        throw new Refusal(409, "contact_in_use");
      state.contacts.delete(old.id);
      changed(state, session, "contact.deleted", old.id, old.displayName);
    },
  ],
  [
    "POST",
    "/contacts/{id}/archive",
    ({ state, session, params, body }) => {
      const old = state.contacts.get(params.id);
      return store(
        state,
        state.contacts,
        session,
        "contact",
        old.id,
        old,
        { ...old, archived: body.archived },
        old.displayName,
      );
    },
  ],
  [
    "POST",
    "/contacts/{id}/notes",
    ({ state, session, params, body }) => {
      const note = {
        id: newId(),
        contactId: params.id,
        text: body.text,
        at: new Date().toISOString(),
        author: session.user.name,
      };
      state.notes.push(note);
      changed(state, session, "note.created", note.id, state.contacts.get(params.id)?.displayName);
      return { status: 201, json: note };
    },
  ],
  ["GET", "/contacts/{id}/timeline", ({ state, params, query }) => page(timeline(state, params.id), query)],
];

export const contactRoutes = contacts.filter(([method, path]) => method !== "GET" || path !== "/contacts/{id}");
/** Last, because `/contacts/{id}` would also match `/contacts/imports`. */
export const contactRead = contacts.find(([method, path]) => method === "GET" && path === "/contacts/{id}");
