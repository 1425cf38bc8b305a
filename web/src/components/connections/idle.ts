// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "../../api/types";

/** After so many days without a use somebody may want to take a permission back. */
export const idleDays = 90;

export function isIdle(
  scope: Pick<Connection["scopes"][number], "granted" | "lastUsedAt">,
  connection: Pick<Connection, "connectedAt">,
  now = Date.now(),
): boolean {
  const since = Date.parse(scope.lastUsedAt ?? connection.connectedAt);
  return scope.granted && now - since >= idleDays * 86_400_000;
}
