// SPDX-License-Identifier: Apache-2.0
// Changes made elsewhere (another person, a sync run) arrive as server-sent events and make the affected screens read
// again. Nothing of the event is shown itself, so that it needs no permission rules of its own.
import { queryClient } from "./query";

const affected: Record<string, string[]> = {
  contact: ["contacts", "timeline", "appointments"],
  appointment: ["appointments", "timeline", "availability"],
  block: ["block-times", "availability"],
  "block-time": ["block-times", "availability"],
  blockTime: ["block-times", "availability"],
  "follow-up": ["follow-ups", "timeline", "availability"],
  followUp: ["follow-ups", "timeline", "availability"],
  note: ["timeline"],
  file: ["files", "timeline"],
  service: ["services"],
  staff: ["staff"],
  connection: ["connections", "sync", "panel"],
  plugin: ["plugins", "sync", "panel"],
  sync: ["sync", "contacts", "appointments", "block-times", "follow-ups", "files"],
  user: ["users"],
  tenant: ["session"],
};

const pending = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

function flush(): void {
  timer = undefined;
  for (const key of pending) void queryClient.invalidateQueries({ queryKey: [key] });
  pending.clear();
}

/** Collects for a moment: a sync run changes hundreds of records at once. */
export function noteChange(type: string): void {
  if (type === "reset") {
    void queryClient.invalidateQueries();
    return;
  }
  const kind = type.split(".")[0] ?? "";
  for (const key of affected[kind] ?? []) pending.add(key);
  pending.add("audit-events");
  timer ??= setTimeout(flush, 250);
}

let source: EventSource | undefined;

export function listenToEvents(): void {
  if (source || typeof EventSource === "undefined") return;
  source = new EventSource("/api/v1/events");
  source.onmessage = (message) => {
    try {
      const event: unknown = JSON.parse(message.data);
      if (event && typeof event === "object" && "type" in event) noteChange(String(event.type));
    } catch {
      // A message that is not JSON cannot be ours to understand; the next one may be.
    }
  };
}

export function forgetEvents(): void {
  source?.close();
  source = undefined;
  clearTimeout(timer);
  timer = undefined;
  pending.clear();
}
