// SPDX-License-Identifier: Apache-2.0
import type { IconName } from "../../icons";

const own: Record<string, IconName> = {
  "google-contacts": "users",
  "google-calendar": "calendar",
  "google-drive": "brandDrive",
  "audit-log": "history",
  carddav: "users",
};

export function pluginIcon(pluginId: string): IconName {
  return own[pluginId] ?? "puzzle";
}
