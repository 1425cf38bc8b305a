// SPDX-License-Identifier: Apache-2.0
// Which plugins add something where. Apart from the panels themselves, because the frame of every page asks.
import { useQuery } from "@tanstack/react-query";
import { pluginsQuery } from "../../api/queries";
import { useRole } from "../../app/session";
import type { IconName } from "../../icons";
import type { Point } from "./tree";

export interface Contributed {
  plugin: string;
  pluginName: string;
  title: string;
  icon: string;
}

/** What the enabled plugins add at a place, for people of this role. */
export function useContributions(point: Point): Contributed[] {
  const { isAdmin } = useRole();
  const { data } = useQuery(pluginsQuery);
  return (data ?? [])
    .filter((plugin) => plugin.enabled)
    .flatMap((plugin) =>
      plugin.contributes
        .filter((item) => item.point === point && (isAdmin || item.role !== "admin"))
        .map(({ title, icon }) => ({ plugin: plugin.id, pluginName: plugin.name, title, icon })),
    );
}

/** The fixed set of plugin.schema.json. */
const icons: Record<string, IconName> = {
  alert: "alert",
  archive: "archive",
  bookmark: "bookmark",
  building: "building",
  cake: "cake",
  calendar: "calendar",
  check: "circleCheck",
  cloud: "cloudCheck",
  file: "file",
  history: "history",
  home: "home",
  info: "info",
  key: "key",
  link: "link",
  lock: "lock",
  mail: "mail",
  note: "note",
  phone: "phone",
  pin: "pin",
  puzzle: "puzzle",
  receipt: "receipt",
  refresh: "refresh",
  scissors: "scissors",
  search: "search",
  settings: "settings",
  share: "share",
  shield: "shield",
  upload: "upload",
  user: "user",
  users: "users",
  video: "video",
};
export function iconOf(name: string): IconName {
  return (Object.hasOwn(icons, name) ? icons[name] : undefined) ?? "puzzle";
}
