// SPDX-License-Identifier: Apache-2.0
import { withInstants } from "./data.mjs";
import { guarded, list, newId, page, Refusal } from "./http.mjs";
import { changed, store, syncOf } from "./store.mjs";

/** The double-booking guard. */
function guard(state, item) {
  const clash = (kind) => (other) =>
    other.id !== item.id &&
    other.staffId === item.staffId &&
    other.status !== "cancelled" &&
    other.startsAt < item.endsAt &&
    other.endsAt > item.startsAt
      ? [
          {
            kind: other.kind ?? kind,
            id: other.id,
            title: other.title,
            staffId: other.staffId,
            startsAt: other.startsAt,
            endsAt: other.endsAt,
          },
        ]
      : [];
  const conflicts = [
    ...[...state.appointments.values()].flatMap(clash("appointment")),
    ...[...state.blocks.values()].flatMap(clash("blockTime")),
  ];
  if (conflicts.length) throw new Refusal(409, "double_booking", "That time is taken.", { conflicts });
}

function appointmentFrom(state, body, old) {
  const service = state.services.get(body.serviceId);
  const contacts = (body.contactIds ?? []).map((id) => ({
    id,
    displayName: state.contacts.get(id)?.displayName ?? "?",
  }));
  const item = withInstants({
    kind: "appointment",
    notes: "",
    participants: [],
    status: "confirmed",
    serviceId: null,
    ...body,
    id: old?.id ?? newId(),
    contactIds: body.contactIds ?? [],
    contacts,
    title: body.title || service?.name || contacts[0]?.displayName || "Meeting",
    durationMinutes: body.durationMinutes ?? service?.durationMinutes ?? 60,
    sync: syncOf(state, "google-calendar"),
  });
  if (item.status !== "cancelled") guard(state, item);
  return item;
}

const named = (state, item) => ({
  ...item,
  contacts: item.contactIds.map((id) => ({ id, displayName: state.contacts.get(id)?.displayName ?? "?" })),
});
const dayOf = (item) => item.start.slice(0, 10);
const within = (query) => (item) =>
  (!query.get("from") || dayOf(item) >= query.get("from")) &&
  (!query.get("to") || dayOf(item) < query.get("to")) &&
  (!query.get("staffId") || item.staffId === query.get("staffId"));
const byStart = (a, b) => a.startsAt.localeCompare(b.startsAt);

const calendar = [
  [
    "GET",
    "/appointments",
    ({ state, query }) =>
      page(
        [...state.appointments.values()]
          .filter(within(query))
          .filter((item) => !query.get("contactId") || item.contactIds.includes(query.get("contactId")))
          .sort(byStart)
          .map((item) => named(state, item)),
        query,
      ),
  ],
  [
    "POST",
    "/appointments",
    ({ state, session, body }) => {
      const item = appointmentFrom(state, body);
      return store(state, state.appointments, session, "appointment", item.id, undefined, item, item.title);
    },
  ],
  [
    "PUT",
    "/appointments/{id}",
    ({ state, session, params, request, body }) => {
      const old = guarded(state.appointments, params.id, request);
      return store(
        state,
        state.appointments,
        session,
        "appointment",
        old.id,
        old,
        appointmentFrom(state, body, old),
        old.title,
      );
    },
  ],
  [
    "POST",
    "/appointments/{id}/cancel",
    ({ state, session, params, request }) => {
      const old = guarded(state.appointments, params.id, request);
      return store(
        state,
        state.appointments,
        session,
        "appointment",
        old.id,
        old,
        named(state, { ...old, status: "cancelled" }),
        old.title,
      );
    },
  ],
  [
    "DELETE",
    "/appointments/{id}",
    ({ state, session, params, request }) => {
      const old = guarded(state.appointments, params.id, request);
      state.appointments.delete(old.id);
      changed(state, session, "appointment.deleted", old.id, old.title);
    },
  ],
  [
    "GET",
    "/availability",
    ({ state, query }) => {
      const date = query.get("date");
      const external =
        query.get("staffId") === "sf-1" &&
        [...state.connections.values()].some((item) => item.plugin === "google-calendar");
      const busy = external
        ? [
            {
              kind: "external",
              id: null,
              title: null,
              ...(({ startsAt, endsAt }) => ({ startsAt, endsAt }))(
                withInstants({ start: `${date}T17:00`, durationMinutes: 45 }),
              ),
              source: "google-calendar",
              ageSeconds: 80,
            },
          ]
        : [];
      const sources = external
        ? [
            {
              source: "google-calendar",
              state: "known",
              checkedAt: new Date().toISOString(),
              ageSeconds: 80,
              reason: null,
            },
          ]
        : [];
      return { json: { staffId: query.get("staffId"), timeZone: state.tenant.timeZone, busy, sources, free: [] } };
    },
  ],
  [
    "GET",
    "/block-times",
    ({ state, query }) => page([...state.blocks.values()].filter(within(query)).sort(byStart), query),
  ],
  [
    "GET",
    "/follow-ups",
    ({ state, query }) => {
      const found = [...state.followUps.values()].filter(
        (item) =>
          (!query.get("contactId") || item.contactId === query.get("contactId")) &&
          (!query.get("from") || item.date >= query.get("from")) &&
          (!query.get("to") || item.date < query.get("to")),
      );
      return page(
        found
          .map((item) => ({ ...item, contactName: state.contacts.get(item.contactId)?.displayName ?? "?" }))
          .sort((a, b) => a.date.localeCompare(b.date)),
        query,
      );
    },
  ],
];

/** POST, PUT and DELETE of the resources without further rules. */
function crud(path, map, kind, make) {
  return [
    [
      "POST",
      `/${path}`,
      ({ state, session, body }) => {
        const item = make(state, body);
        return store(state, state[map], session, kind, newId(), undefined, item, item.title ?? item.name);
      },
    ],
    [
      "PUT",
      `/${path}/{id}`,
      ({ state, session, params, request, body }) => {
        const old = guarded(state[map], params.id, request);
        return store(state, state[map], session, kind, old.id, old, make(state, body, old), old.title ?? old.name);
      },
    ],
    [
      "DELETE",
      `/${path}/{id}`,
      ({ state, session, params, request }) => {
        const old = guarded(state[map], params.id, request);
        state[map].delete(old.id);
        changed(state, session, `${kind}.deleted`, old.id, old.title ?? old.name);
      },
    ],
  ];
}

export const calendarRoutes = [
  ...calendar,
  ...crud("block-times", "blocks", "blockTime", (state, body, old) => {
    const item = withInstants({ allDay: false, sync: syncOf(state, "google-calendar"), ...body, id: old?.id });
    guard(state, item);
    return item;
  }),
  ...crud("follow-ups", "followUps", "followUp", (state, body) => ({
    staffId: null,
    notes: "",
    time: null,
    done: false,
    timeZone: state.tenant.timeZone,
    sync: [],
    contactName: state.contacts.get(body.contactId)?.displayName,
    ...body,
  })),
  ...crud("services", "services", "service", (state, body) => ({
    bufferMinutes: 0,
    priceCents: 0,
    currency: state.tenant.currency,
    color: "#0f766e",
    active: true,
    ...body,
  })),
  ...crud("staff", "staff", "staff", (_, body) => ({ userId: null, color: "#0f766e", active: true, ...body })),
  [
    "GET",
    "/services",
    ({ state, query }) =>
      list([...state.services.values()].filter((item) => item.active || query.get("inactive") === "true")),
  ],
  [
    "GET",
    "/staff",
    ({ state, query }) =>
      list([...state.staff.values()].filter((item) => item.active || query.get("inactive") === "true")),
  ],
];
