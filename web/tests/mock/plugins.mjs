// SPDX-License-Identifier: Apache-2.0
const google = "https://www.googleapis.com/auth/";

function connector(id, name, description, reason, scopes, hosts, records, settings = null) {
  return {
    id,
    name,
    version: "1.0.0",
    description,
    vendor: "Portico",
    license: "Apache-2.0",
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
          requests: [{ method: "GET", host: hosts[0], path: "/v1/{id}" }],
          server: null,
          serverIsChosenHere: false,
          picker: id === "google-drive",
          scopeSets: [],
          scopeSetting: null,
          chosenScopeSet: null,
        },
      ],
      records,
      provenance:
        id === "google-calendar"
          ? [
              {
                permission: "google-data",
                provider: "google",
                fields: ["contact.name"],
                reason: "Names clients in the titles of their appointments.",
                destination: "The Google Calendars of the people of this business.",
              },
            ]
          : [],
      streams: id === "google-drive" ? [] : [{ name: "main", title: name, direction: "both", everySeconds: 300 }],
      events: [],
      eventsReason: null,
      actions: [],
      webhooks: [],
      availability: null,
      limits: { memoryMib: 256, callSeconds: 60, callsPerMinute: 600, cpuPercent: 100, concurrency: 4 },
    },
    contributes: [],
    settings,
    sandbox: { level: 3, min: 3, missing: [] },
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

// Of somebody else: one whose update asks for more, one that may not run.
function thirdParty() {
  const card = connector(
    "stamp-card",
    "Stamp card",
    "Ten visits, one free: keeps the stamps of your regular clients.",
    "",
    [],
    [],
    [{ kind: "contact", access: ["read"], reason: "To know whose stamps these are." }],
    {
      schema: {
        type: "object",
        required: ["visits"],
        properties: {
          visits: { type: "integer", title: "Visits until one is free", minimum: 2, maximum: 50, default: 10 },
          greeting: {
            type: "object",
            title: "Greeting",
            properties: {
              text: { type: "string", title: "Text", maxLength: 500 },
              sign: { type: "string", title: "Signed", maxLength: 60 },
            },
          },
          rewards: {
            type: "array",
            title: "Rewards",
            maxItems: 5,
            items: {
              type: "object",
              properties: {
                name: { type: "string", title: "Reward", minLength: 2 },
                at: { type: "integer", title: "At" },
              },
            },
          },
          key: { type: "string", title: "Key", writeOnly: true },
        },
      },
      values: { visits: 10, greeting: { text: "Thank you!" }, rewards: [{ name: "Hair mask", at: 5 }] },
    },
  );
  const own = {
    ...card,
    version: "1.4.0",
    vendor: "Lund Software",
    license: "MIT",
    trust: "signed",
    signedBy: "lund-2026",
    asks: { ...card.asks, connections: [], streams: [] },
    contributes: [
      { point: "client.panel/v1", title: "Stamp card", titles: {}, icon: "bookmark", role: "staff" },
      { point: "nav.page/v1", title: "Stamps", titles: { de: "Stempel" }, icon: "bookmark", role: "staff" },
      { point: "command/v1", title: "Give out a stamp card", titles: {}, icon: "bookmark", role: "staff" },
      { point: "appointment.action/v1", title: "Stamp this visit", titles: {}, icon: "bookmark", role: "staff" },
    ],
  };
  const wider = {
    ...own,
    id: "newsletter",
    name: "Newsletter",
    version: "2.0.0",
    description: "Sends your clients a letter four times a year.",
    enabled: false,
    settings: null,
    contributes: [],
    state: "stopped",
    consentChanges: [
      {
        kind: "record",
        what: "write contact",
        text: "It may change clients.",
        reason: "Marks who no longer wants the letter.",
      },
      { kind: "host", what: "api.lund.example", text: "It reaches one more address.", reason: null },
    ],
  };
  const refused = {
    ...own,
    id: "old-till",
    name: "Old till",
    description: "Takes over sales from a till.",
    enabled: false,
    trust: "modified",
    signedBy: null,
    settings: null,
    contributes: [],
    state: "refused",
    problem: "the file old-till.so is not the one that was signed",
    sandbox: { level: null, min: 3, missing: [] },
  };
  return [own, wider, refused];
}

/** What a plugin draws; `broken` stands for one that fails. */
export function drawPanel(state, plugin, point) {
  if (state.broken?.has(plugin.id)) return undefined;
  const stamps = state.stamps ?? 7;
  const children = [
    { type: "row", children: [{ type: "badge", text: stamps < 10 ? "Regular" : "Free visit", tone: "good" }] },
    { type: "progress", label: "Stamps", value: stamps, max: 10 },
    {
      type: "facts",
      items: [
        { label: "Reward", value: "Hair mask at 5, <b>free cut</b> at 10" },
        { label: "Last stamp", at: "2026-11-10T10:30:00Z" },
      ],
    },
    { type: "hologram", children: [] },
    {
      type: "row",
      children: [
        { type: "action", label: "Add a stamp", action: "stamp", args: { by: 1 }, tone: "primary" },
        {
          type: "action",
          label: "Empty the card",
          action: "stamp",
          args: { by: -stamps },
          confirm: "All stamps go.",
          tone: "bad",
        },
      ],
    },
    { type: "link", label: "How it works", href: "https://lund.example/stamps", host: "lund.example" },
  ];
  if (point !== "nav.page/v1") return { type: "stack", children };
  const table = {
    type: "table",
    label: "Stamps",
    columns: ["Client", "Stamps"],
    rows: [
      ["Anna Berg", String(stamps)],
      ["Ben Okafor", "3"],
    ],
  };
  const form = {
    type: "form",
    action: "stamp",
    title: "Stamp",
    submit: "Give stamps",
    values: {},
    schema: {
      type: "object",
      required: ["by"],
      properties: { by: { type: "integer", title: "How many", minimum: 1 } },
    },
  };
  return {
    type: "stack",
    children: [
      { type: "heading", text: "All cards" },
      table,
      { type: "list", children: [{ type: "text", text: "Ten stamps, one visit free" }] },
      form,
      { type: "empty", text: "Nobody waits for a reward." },
    ],
  };
}

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
      ...connector("audit-log", "Audit log", "", "", [], [], []).asks,
      connections: [],
      events: ["*"],
      actions: [
        { name: "list", title: "List events", role: "admin" },
        { name: "verify", title: "Check that nothing was changed", role: "admin" },
      ],
    },
  };
  return new Map([...all, audit, ...thirdParty()].map((plugin) => [plugin.id, plugin]));
}
