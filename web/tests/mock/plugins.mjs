// SPDX-License-Identifier: Apache-2.0
const google = "https://www.googleapis.com/auth/";

function connector(id, name, description, reason, scopes, hosts, records, settings = null) {
  return {
    id,
    name,
    version: "1.0.0",
    description,
    vendor: "Portico",
    trust: "builtIn",
    signedBy: null,
    enabled: true,
    canDisable: true,
    state: "running",
    problem: null,
    asks: {
      connections: [
        {
          name: "google",
          kind: "oauth2",
          provider: "google",
          reason,
          scopes,
          hosts,
          server: null,
          serverIsChosenHere: false,
          picker: id === "google-drive",
        },
      ],
      records,
      events: [],
      actions: [],
    },
    settings,
    sandbox: { level: 3, min: 3, missing: [] },
    license: "Apache-2.0",
    consentChanges: [],
    health: { text: "It runs.", since: null, lastFailure: null, lastFailureAt: null, nextTryAt: null, crashes: 0 },
    people: null,
    erased: null,
  };
}

const calendarSettings = {
  schema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    required: ["title"],
    properties: {
      title: {
        type: "string",
        title: "What Google shows",
        description: "How much of an appointment is written to Google Calendar.",
        oneOf: [
          { const: "full", title: "Service and client's name" },
          { const: "initials", title: "Service and initials" },
          { const: "busy", title: "Only “Busy”" },
        ],
        default: "initials",
      },
      checkAvailability: { type: "boolean", title: "Check Google's busy times before booking", default: true },
      reminderMinutes: { type: "integer", title: "Reminder (minutes before)", minimum: 0, maximum: 1440, default: 30 },
      calendarName: { type: "string", title: "Calendar", maxLength: 80, default: "primary" },
      weekdays: {
        type: "array",
        title: "Sync on",
        uniqueItems: true,
        items: { enum: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] },
      },
    },
  },
  values: {
    title: "initials",
    checkAvailability: true,
    reminderMinutes: 30,
    calendarName: "primary",
    weekdays: ["mon", "tue"],
  },
};

export function createPlugins() {
  const all = [
    connector(
      "google-contacts",
      "Google Contacts",
      "Keeps clients and your Google Contacts the same.",
      "To create, update and delete your clients in Google Contacts, and to notice when you change them there.",
      [{ scope: `${google}contacts`, reason: "See, edit and delete your Google contacts", optional: false }],
      ["people.googleapis.com"],
      [{ kind: "contact", access: ["read", "write"], reason: "Clients are written to Google and changes come back." }],
    ),
    connector(
      "google-calendar",
      "Google Calendar",
      "Puts appointments, meetings, follow-ups and block times into your Google Calendar and checks when you are busy.",
      "To create, change and delete the events of appointments made here, and to see when you are busy.",
      [
        {
          scope: `${google}calendar.events.owned`,
          reason: "See, create, change and delete events on calendars you own",
          optional: false,
        },
        {
          scope: `${google}calendar.freebusy`,
          reason: "See when you are busy, so that nobody is booked twice",
          optional: true,
        },
      ],
      ["www.googleapis.com"],
      [
        {
          kind: "event",
          access: ["read", "write"],
          reason: "Appointments, meetings, follow-ups and block times become events.",
        },
      ],
      calendarSettings,
    ),
    connector(
      "google-drive",
      "Google Drive",
      "Attaches files that you choose from Drive and uploads files you send there.",
      "To open the files that you pick and to upload the files that you send, and no other file.",
      [
        {
          scope: `${google}drive.file`,
          reason: "See and change only the files that you choose or that Portico created",
          optional: false,
        },
      ],
      ["www.googleapis.com"],
      [{ kind: "file", access: ["read", "write"], reason: "Picked files are attached to clients." }],
    ),
  ];
  const audit = {
    ...connector(
      "audit-log",
      "Audit log",
      "Records every change, so that nothing can be changed unnoticed.",
      "",
      [],
      [],
      [],
    ),
    canDisable: false,
    asks: {
      connections: [],
      records: [],
      events: ["*"],
      actions: [
        { name: "list", title: "List events", role: "admin" },
        { name: "verify", title: "Check that nothing was changed", role: "admin" },
      ],
    },
  };
  return new Map([...all, audit].map((plugin) => [plugin.id, plugin]));
}
