// SPDX-License-Identifier: Apache-2.0
import { synced } from "./data.mjs";
import { versioned } from "./http.mjs";

/** Writes the audit event and tells every listening page. */
export function changed(state, session, type, id, title = "") {
  state.seq += 1;
  const actor = session?.user;
  state.audit.unshift({
    seq: state.seq,
    at: new Date().toISOString(),
    actor: actor?.id ?? "system",
    actorName: actor?.name ?? "Portico",
    type,
    subjectKind: type.split(".")[0],
    subjectId: id,
    title,
    data: { id },
  });
  for (const stream of state.streams) stream.write(`id: ${state.seq}\ndata: ${JSON.stringify({ type, id })}\n\n`);
}

export function syncOf(state, plugin) {
  return [...state.connections.values()].some((item) => item.plugin === plugin) ? [synced(plugin)] : [];
}

export function store(state, map, session, kind, id, old, fields, title) {
  const resource = { ...fields, id, version: (old?.version ?? 0) + 1 };
  map.set(id, resource);
  changed(state, session, `${kind}.${old ? "updated" : "created"}`, id, title);
  return versioned(resource, old ? 200 : 201);
}
