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
