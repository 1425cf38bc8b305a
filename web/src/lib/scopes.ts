// SPDX-License-Identifier: Apache-2.0
// Which of the declared scopes a person will be asked for: the required ones, and of the sets to choose from exactly one.
import type { Connection, Plugin } from "../api/types";

export type AskedConnection = Plugin["asks"]["connections"][number];
type AskedScope = AskedConnection["scopes"][number];

/** The set that holds a scope, if it is one to choose. */
export function setOf(asked: AskedConnection, scope: string) {
  return asked.scopeSets.find((set) => set.scopes.includes(scope));
}

/** The choice is the person's own: no admin made it, and no connection holds one already. */
export function mayChoose(asked: AskedConnection, held: Connection | undefined): boolean {
  return asked.scopeSets.length > 0 && asked.scopeSetting === null && !heldSet(asked, held);
}

/** What is asked for with `chosen`, the name of a set; a connection keeps the one it has. */
export function scopesToAsk(asked: AskedConnection, chosen: string | undefined, held?: Connection): AskedScope[] {
  const first = asked.scopeSets[0]?.name;
  const name = heldSet(asked, held) ?? asked.chosenScopeSet ?? chosen ?? first;
  const wanted = asked.scopeSets.find((set) => set.name === name)?.scopes;
  return asked.scopes.filter(({ scope }) => !setOf(asked, scope) || wanted?.includes(scope));
}

function heldSet(asked: AskedConnection, held: Connection | undefined): string | undefined {
  const granted = held?.scopes.find((item) => item.granted && setOf(asked, item.scope));
  return granted && setOf(asked, granted.scope)?.name;
}
