// SPDX-License-Identifier: Apache-2.0
// What an update asks for, and where a plugin reaches, in the reader's language: the server tells what changed, the words
// for it are here.
import type { TFunction } from "i18next";
import type { Plugin } from "../../api/types";
import { fieldsText, providerName } from "../../lib/sharing";

type Change = Plugin["consentChanges"][number];
type Connection = Plugin["asks"]["connections"][number];

/** The service by the name that people know. */
export function serviceOf(connection: Connection | undefined): string {
  const provider = connection?.provider ?? "";
  return provider === "google" ? "Google" : provider || connection?.hosts[0] || "";
}

/** Where a connection leads; a server that each business chooses is said to be that. */
export function placeOf(t: TFunction, connection: Connection): string {
  if (!connection.serverIsChosenHere) return connection.hosts.join(", ");
  return connection.server ? t("plugins.chosenServer", { server: connection.server }) : t("plugins.noServerYet");
}

/** What it may be given of other plugins' data, and where it takes that. */
export function passingText(t: TFunction, item: Plugin["asks"]["provenance"][number], language: string): string {
  const { provider, fields, destination } = item;
  return t("plugins.asks.provenance", {
    destination,
    provider: providerName(provider),
    fields: fieldsText(t, fields, language),
  });
}

/** One sentence for one change; the server's own for what we have no words for. */
export function changeText(t: TFunction, { asks }: Plugin, { kind, what, text }: Change, language: string): string {
  const named = asks.connections.find((item) => item.name === what);
  switch (kind) {
    case "connection":
    case "picker":
      return named ? t(`plugins.consent.text.${kind}`, { service: serviceOf(named) }) : text;
    case "scope": {
      const asking = asks.connections.find((item) => item.scopes.some(({ scope }) => scope === what));
      return asking ? t("plugins.consent.text.scope", { service: serviceOf(asking) }) : text;
    }
    case "host": {
      const chosen = asks.connections.find((item) => item.serverIsChosenHere && (item.server ?? "…") === what);
      return t("plugins.consent.text.host", { place: chosen ? placeOf(t, chosen) : what });
    }
    case "record": {
      const [access, record = ""] = what.split(" ");
      const records = t(`plugins.asks.record.${record as "contact"}`, { defaultValue: record });
      return t(access === "write" ? "plugins.consent.text.write" : "plugins.consent.text.read", { records });
    }
    case "provenance": {
      const passing = asks.provenance.find((item) => item.permission === what);
      return passing ? passingText(t, passing, language) : text;
    }
    case "stream":
    case "action": {
      const list: { name: string; title: string }[] = kind === "stream" ? asks.streams : asks.actions;
      const title = list.find((item) => item.name === what)?.title ?? what;
      return t(`plugins.consent.text.${kind}`, { title });
    }
    case "event":
      return t(what === "*" ? "plugins.consent.text.allEvents" : "plugins.consent.text.event");
    case "webhook":
    case "availability":
      return t(`plugins.consent.text.${kind}`);
    case "limit":
      return limitText(t, asks.limits, what) ?? text;
    default:
      return text;
  }
}

function limitText(t: TFunction, limits: Plugin["asks"]["limits"], what: string): string | undefined {
  const values: Record<string, number> = {
    memory_mib: limits.memoryMib,
    call_seconds: limits.callSeconds,
    calls_per_minute: limits.callsPerMinute,
    cpu_percent: limits.cpuPercent,
    concurrency: limits.concurrency,
  };
  if (!Object.hasOwn(values, what)) return undefined;
  return t(`plugins.consent.limit.${what as "memory_mib"}`, { value: values[what] });
}
