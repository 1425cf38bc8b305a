// SPDX-License-Identifier: Apache-2.0
// Which plugins add something where. Apart from the panels themselves, because the frame of every page asks.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { pluginsQuery } from "../../api/queries";
import type { Plugin } from "../../api/types";
import { useRole } from "../../app/session";
import type { IconName } from "../../icons";
import type { Point } from "./tree";

export interface Contributed {
  plugin: string;
  pluginName: string;
  title: string;
  icon: string;
}

type Contribution = Plugin["contributes"][number];

/** What a plugin adds at a place, in the reader's words; nothing when their role may not use it. */
export function useContributed(): (plugin: Plugin, point: Point) => Contributed[] {
  const { isAdmin } = useRole();
  const { language } = useTranslation().i18n;
  const seen = (item: Contribution, point: Point) => item.point === point && (isAdmin || item.role !== "admin");
  return (plugin, point) =>
    plugin.contributes
      .filter((item) => seen(item, point))
      .map(({ title, titles, icon }) => ({
        plugin: plugin.id,
        pluginName: plugin.name,
        title: titles[language] ?? title,
        icon,
      }));
}

/** What the enabled plugins add at a place. */
export function useContributions(point: Point): Contributed[] {
  const contributed = useContributed();
  const { data } = useQuery(pluginsQuery);
  return (data ?? []).filter((plugin) => plugin.enabled).flatMap((plugin) => contributed(plugin, point));
}

/** The fixed set of plugin.schema.json; most are called the same here. */
const names = (
  "alert archive bookmark building cake calendar file history home info key link lock mail note phone pin puzzle " +
  "receipt refresh scissors search settings share shield upload user users video"
).split(" ");
export function iconOf(name: string): IconName {
  if (name === "check") return "circleCheck";
  if (name === "cloud") return "cloudCheck";
  return names.includes(name) ? (name as IconName) : "puzzle";
}
