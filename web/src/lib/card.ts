// SPDX-License-Identifier: Apache-2.0
// Between the JSContact card that is stored and the flat form that people fill in. Members that the form does not show
// are kept as they are.
import type { Card } from "../api/types";

export interface ContactForm {
  given: string;
  surname: string;
  organization: string;
  emails: string[];
  phones: string[];
  street: string;
  postcode: string;
  locality: string;
  country: string;
  birthday: string;
  note: string;
}

export const emptyForm: ContactForm = {
  given: "",
  surname: "",
  organization: "",
  emails: [""],
  phones: [""],
  street: "",
  postcode: "",
  locality: "",
  country: "",
  birthday: "",
  note: "",
};

type Parts = { kind: string; value: string }[] | undefined;
const part = (parts: Parts, kind: string) => parts?.find((item) => item.kind === kind)?.value ?? "";
const pad = (n: number | undefined, size: number) => String(n ?? 0).padStart(size, "0");
const first = <T>(map: Record<string, T> | undefined): T | undefined => (map ? Object.values(map)[0] : undefined);

export function birthdayOf(card: Card): string {
  const date = Object.values(card.anniversaries ?? {}).find((item) => item.kind === "birth")?.date;
  return date?.year && date.month && date.day ? `${pad(date.year, 4)}-${pad(date.month, 2)}-${pad(date.day, 2)}` : "";
}

export function formOf(card: Card): ContactForm {
  const address = first(card.addresses);
  const emails = Object.values(card.emails ?? {}).map((item) => item.address);
  const phones = Object.values(card.phones ?? {}).map((item) => item.number);
  const named = card.name?.components?.length;
  return {
    given: named ? part(card.name.components, "given") : (card.name?.full ?? ""),
    surname: part(card.name?.components, "surname"),
    organization: first(card.organizations)?.name ?? "",
    emails: emails.length ? emails : [""],
    phones: phones.length ? phones : [""],
    street: part(address?.components, "name") || (address?.components ? "" : (address?.full ?? "")),
    postcode: part(address?.components, "postcode"),
    locality: part(address?.components, "locality"),
    country: part(address?.components, "country"),
    birthday: birthdayOf(card),
    note: first(card.notes)?.note ?? "",
  };
}

type Keyed<T> = Record<string, T>;
const filled = (map: Keyed<unknown>) => (Object.keys(map).length ? map : undefined);

/** Replaces a keyed map's values. An unchanged value keeps its entry (label, contexts), a changed one its place's. */
function withValues<T extends object>(old: Keyed<T> | undefined, prefix: string, values: string[], member: keyof T) {
  const wanted = values.map((value) => value.trim()).filter(Boolean);
  const entries = Object.entries(old ?? {});
  const used = new Set<string>();
  let next = 1;
  const fresh = (): [string, T] => {
    while (old?.[`${prefix}${next}`] || used.has(`${prefix}${next}`)) next += 1;
    return [`${prefix}${next}`, {} as T];
  };
  const map: Keyed<T> = {};
  wanted.forEach((value, index) => {
    const same = entries.find(([key, item]) => item[member] === value && !used.has(key));
    const there = entries[index];
    const changed = there && !used.has(there[0]) && !wanted.includes(String(there[1][member])) ? there : undefined;
    const [key, item] = same ?? changed ?? fresh();
    used.add(key);
    map[key] = { ...item, [member]: value };
  });
  return filled(map) as Keyed<T> | undefined;
}

/** Replaces the first value and keeps the others, which the form does not show. */
function withFirst<T extends object>(old: Keyed<T> | undefined, key: string, value: string, member: keyof T) {
  const [[firstKey, item] = [key, {} as T], ...others] = Object.entries(old ?? {});
  const mine = value.trim() ? { [firstKey]: { ...item, [member]: value.trim() } } : {};
  return filled({ ...mine, ...Object.fromEntries(others) }) as Keyed<T> | undefined;
}

/** Replaces the name parts the form shows and keeps the others (second given name, title, generation). */
function nameOf(old: Card["name"] | undefined, form: ContactForm): Card["name"] {
  const others = (old?.components ?? []).filter((item) => item.kind !== "given" && item.kind !== "surname");
  const given = form.given.trim();
  const surname = form.surname.trim();
  const components = [
    ...(given ? [{ kind: "given", value: given }] : []),
    ...others,
    ...(surname ? [{ kind: "surname", value: surname }] : []),
  ];
  return { ...old, full: [given, surname].filter(Boolean).join(" "), components };
}

function addressOf(old: Card["addresses"], form: ContactForm): Card["addresses"] {
  const shown = { name: form.street, postcode: form.postcode, locality: form.locality, country: form.country };
  const components = Object.entries(shown)
    .filter(([, value]) => value.trim())
    .map(([kind, value]) => ({ kind, value: value.trim() }));
  const [key, item] = Object.entries(old ?? {})[0] ?? ["a1", {}];
  const kept = (item.components ?? []).filter((entry) => !(entry.kind in shown));
  const all = [...components, ...kept];
  const rest = Object.fromEntries(Object.entries(old ?? {}).slice(1));
  if (!all.length) return Object.keys(rest).length ? rest : undefined;
  const full = [form.street, [form.postcode, form.locality].filter(Boolean).join(" "), form.country];
  return {
    [key]: {
      ...item,
      components: all,
      full: full
        .map((s) => s.trim())
        .filter(Boolean)
        .join(", "),
    },
    ...rest,
  };
}

function anniversariesOf(old: Card["anniversaries"], birthday: string): Card["anniversaries"] {
  const entries = Object.entries(old ?? {});
  const birth = entries.find(([, item]) => item.kind === "birth");
  const others = Object.fromEntries(entries.filter(([, item]) => item.kind !== "birth"));
  // A birthday without a year cannot be shown in a date field: it stays unless a full date was entered.
  if (!birthday)
    return birth && !birthdayOf({ name: {}, anniversaries: old })
      ? old
      : Object.keys(others).length
        ? others
        : undefined;
  const [year, month, day] = birthday.split("-").map(Number);
  return { ...others, [birth?.[0] ?? "b1"]: { ...birth?.[1], kind: "birth", date: { year, month, day } } };
}

export function cardOf(form: ContactForm, old?: Card): Card {
  const card: Card = {
    ...old,
    "@type": "Card",
    version: "1.0",
    kind: old?.kind ?? "individual",
    name: nameOf(old?.name, form),
    organizations: withFirst(old?.organizations, "o1", form.organization, "name"),
    emails: withValues(old?.emails, "e", form.emails, "address"),
    phones: withValues(old?.phones, "p", form.phones, "number"),
    addresses: addressOf(old?.addresses, form),
    anniversaries: anniversariesOf(old?.anniversaries, form.birthday),
    notes: withFirst(old?.notes, "n1", form.note, "note"),
  };
  return Object.fromEntries(Object.entries(card).filter(([, value]) => value !== undefined)) as Card;
}

/** "Anna Maria Berg" → given and surname, for the quick "add new client". */
export function formFromName(name: string): ContactForm {
  const words = name.trim().split(/\s+/);
  const surname = words.length > 1 ? (words.pop() ?? "") : "";
  return { ...emptyForm, given: words.join(" "), surname };
}
