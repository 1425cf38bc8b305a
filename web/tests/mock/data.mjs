// SPDX-License-Identifier: Apache-2.0
// A small salon. Dates are relative to `today`, so that the calendar is never empty.
import { newId } from "./http.mjs";

const zone = "Europe/London";
const names = [
  ["Anna", "Berg"],
  ["Ben", "Okafor"],
  ["Chiara", "Rossi"],
  ["David", "Nguyen"],
  ["Élodie", "Marchand"],
  ["Farah", "Haddad"],
  ["George", "Whitfield"],
  ["Hannah", "Lindqvist"],
  ["Imran", "Siddiqui"],
  ["Julia", "Nowak"],
  ["Kofi", "Mensah"],
  ["Lena", "Fischer"],
  ["Marta", "Silva"],
  ["Noah", "Clarke"],
  ["Olivia", "Bennett"],
  ["Petra", "Novák"],
  ["Quentin", "Dubois"],
  ["Rosa", "Delgado"],
  ["Sam", "Taylor"],
  ["Theresa", "von Hohenstein-Wittgenstein"],
];

export function addDays(date, days) {
  const value = new Date(`${date}T00:00:00Z`);
  value.setUTCDate(value.getUTCDate() + days);
  return value.toISOString().slice(0, 10);
}

/** Local London time to UTC by trying the two possible offsets. */
export function toUtc(local) {
  for (const hours of [0, 1]) {
    const instant = new Date(Date.parse(`${local}:00Z`) - hours * 3_600_000);
    const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(
      instant,
    );
    if (shown.replace(" ", "T") === local) return instant.toISOString().replace(".000", "");
  }
  throw new Error(`no such local time: ${local}`);
}

export function withInstants(item) {
  const startsAt = toUtc(item.start);
  const endsAt = new Date(Date.parse(startsAt) + item.durationMinutes * 60_000).toISOString().replace(".000", "");
  return { ...item, timeZone: zone, startsAt, endsAt };
}

const synced = (plugin) => ({
  plugin,
  connectionId: "cn-1",
  state: "synced",
  at: new Date().toISOString(),
  reason: null,
});

function contact(index, given, surname) {
  const id = `ct-${index + 1}`;
  const card = {
    "@type": "Card",
    version: "1.0",
    uid: id,
    kind: "individual",
    name: {
      full: `${given} ${surname}`,
      components: [
        { kind: "given", value: given },
        { kind: "surname", value: surname },
      ],
    },
    phones: { p1: { number: `+44 20 7946 0${String(100 + index * 7).padStart(3, "0")}` } },
    emails: {
      e1: {
        address: `${given}.${surname}@example.test`
          .normalize("NFD")
          .replace(/[^\w.@-]/g, "")
          .toLowerCase(),
      },
    },
    ...(index % 4 === 0 ? { organizations: { o1: { name: "Whitfield & Sons" } } } : {}),
    ...(index % 3 === 0
      ? { anniversaries: { b1: { kind: "birth", date: { year: 1980 + index, month: 5, day: 12 } } } }
      : {}),
    ...(index === 0
      ? {
          addresses: { a1: { full: "12 Rosemary Lane, E1 8JZ London" } },
          notes: { n1: { note: "Allergic to ammonia. Prefers oat milk." } },
        }
      : {}),
  };
  const at = new Date(Date.now() - index * 86_400_000).toISOString();
  return { id, version: 1, card, displayName: card.name.full, archived: false, createdAt: at, updatedAt: at, sync: [] };
}

const day = [{ from: "09:00", to: "17:30" }];
const split = [
  { from: "10:00", to: "13:00" },
  { from: "14:00", to: "19:00" },
];
const staff = [
  {
    id: "sf-1",
    name: "Mia Keller",
    color: "#0f766e",
    workingHours: { mon: day, tue: day, wed: day, thu: day, fri: day },
  },
  {
    id: "sf-2",
    name: "Jonas Weber",
    color: "#4f46e5",
    workingHours: { tue: split, wed: split, thu: split, fri: split, sat: [{ from: "09:00", to: "15:00" }] },
  },
  { id: "sf-3", name: "Priya Sharma", color: "#be185d", workingHours: { mon: day, wed: day, fri: day, sat: day } },
  {
    id: "sf-4",
    name: "Tom Archer",
    color: "#b45309",
    workingHours: { mon: split, tue: split, thu: split, fri: split, sat: split, sun: split },
  },
];
const services = [
  ["Haircut", 45, 0, 4800, "#0f766e"],
  ["Colour & cut", 120, 15, 12500, "#7c3aed"],
  ["Beard trim", 20, 0, 1800, "#b45309"],
  ["Blow dry", 30, 0, 3200, "#0369a1"],
  ["Balayage", 165, 15, 18900, "#be185d"],
  ["Consultation", 15, 0, 0, "#4d7c0f"],
];
// staff, day offset, start, service, contact
const visits = [
  [0, 0, "09:00", 0, 0],
  [0, 0, "10:00", 1, 4],
  [0, 0, "14:15", 3, 7],
  [0, 0, "15:00", 0, 9],
  [1, 0, "10:00", 2, 1],
  [1, 0, "10:30", 0, 6],
  [1, 0, "14:00", 2, 13],
  [1, 0, "16:30", 0, 18],
  [2, 0, "09:30", 4, 2],
  [2, 0, "13:30", 3, 11],
  [2, 0, "15:30", 5, 14],
  [3, 0, "10:30", 1, 19],
  [3, 0, "14:00", 0, 8],
  [3, 0, "17:00", 2, 10],
  [0, 1, "09:30", 4, 12],
  [0, 2, "11:00", 0, 3],
  [1, 1, "15:00", 0, 15],
  [2, 2, "10:00", 1, 16],
  [3, -1, "14:00", 0, 0],
  [1, 3, "11:00", 0, 5],
  [0, 4, "13:00", 3, 0],
  [3, 3, "15:00", 4, 17],
  [2, -2, "12:00", 0, 2],
];

export function createState(today) {
  const byId = (items) => new Map(items.map((item) => [item.id, { version: 1, active: true, ...item }]));
  const contacts = byId(names.map(([given, surname], index) => contact(index, given, surname)));
  const state = {
    today,
    contacts,
    services: byId(
      services.map(([name, durationMinutes, bufferMinutes, priceCents, color], i) => ({
        id: `sv-${i + 1}`,
        name,
        durationMinutes,
        bufferMinutes,
        priceCents,
        currency: "GBP",
        color,
      })),
    ),
    staff: byId(staff.map((member, i) => ({ userId: i === 0 ? "us-1" : null, ...member }))),
    users: byId([
      {
        id: "us-1",
        email: "owner@demo.test",
        name: "Mia Keller",
        role: "owner",
        language: null,
        lastSignInAt: new Date().toISOString(),
      },
      { id: "us-2", email: "jonas@demo.test", name: "Jonas Weber", role: "staff", language: "de", lastSignInAt: null },
    ]),
    tenant: { id: "tn-1", name: "Salon Rosemary", slug: "rosemary", timeZone: zone, locale: "en-GB", currency: "GBP" },
    appointments: new Map(),
    blocks: new Map(),
    followUps: new Map(),
    notes: [],
    files: new Map(),
    imports: new Map(),
    connections: new Map(),
    receipts: 0,
    log: [],
    uses: [],
    audit: [],
    sessions: new Map(),
    streams: new Set(),
    seq: 0,
  };
  for (const [who, offset, time, what, whom] of visits) {
    const service = services[what];
    const id = newId();
    const contactId = `ct-${whom + 1}`;
    state.appointments.set(
      id,
      withInstants({
        id,
        version: 1,
        kind: "appointment",
        title: service[0],
        contactIds: [contactId],
        serviceId: `sv-${what + 1}`,
        staffId: `sf-${who + 1}`,
        start: `${addDays(today, offset)}T${time}`,
        durationMinutes: service[1],
        status: "confirmed",
        notes: "",
        participants: [],
        sync: [],
      }),
    );
  }
  const meeting = newId();
  state.appointments.set(
    meeting,
    withInstants({
      id: meeting,
      version: 1,
      kind: "meeting",
      title: "Supplier: spring colours",
      contactIds: [],
      serviceId: null,
      staffId: "sf-1",
      start: `${today}T16:15`,
      durationMinutes: 45,
      status: "confirmed",
      notes: "Bring the sample book.",
      participants: [{ name: "Dana Holt", email: "dana@supplier.test" }],
      sync: [],
    }),
  );
  for (const [staffId, offset, time, minutes, title] of [
    ["sf-1", 0, "12:30", 60, "Lunch"],
    ["sf-3", 0, "12:30", 45, "Lunch"],
    ["sf-2", 1, "10:00", 180, "Training"],
    ["sf-4", 0, "18:00", 60, "School run"],
  ]) {
    const id = newId();
    state.blocks.set(
      id,
      withInstants({
        id,
        version: 1,
        staffId,
        title,
        start: `${addDays(today, offset)}T${time}`,
        durationMinutes: minutes,
        allDay: false,
        sync: [],
      }),
    );
  }
  for (const [contactId, offset, time, title] of [
    ["ct-1", 0, null, "Ask about the new colour"],
    ["ct-5", 0, "15:30", "Call back about the wedding"],
    ["ct-2", -3, null, "Send price list"],
  ]) {
    const id = newId();
    state.followUps.set(id, {
      id,
      version: 1,
      contactId,
      staffId: null,
      title,
      notes: "",
      date: addDays(today, offset),
      time,
      timeZone: zone,
      done: false,
      sync: [],
    });
  }
  state.notes.push({
    id: newId(),
    contactId: "ct-1",
    text: "Wants to grow out the fringe. Patch test done, all fine.",
    at: new Date(Date.now() - 9 * 86_400_000).toISOString(),
    author: "Mia Keller",
  });
  const file = newId();
  state.files.set(file, {
    id: file,
    name: "consent-form-2026.pdf",
    mediaType: "application/pdf",
    size: 182_400,
    contactId: "ct-1",
    sha256: "0".repeat(64),
    createdAt: new Date().toISOString(),
    drive: null,
  });
  return state;
}

export { synced, zone };
