// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormats } from "../app/session";
import { clock, formatDate } from "../lib/time";
import classes from "./Agenda.module.css";
import type { Column, PlacedEntry } from "./model";

interface Props {
  days: { date: string; columns: Column[]; entries: PlacedEntry[][] }[];
  today: string;
  onOpen: (entry: PlacedEntry) => void;
  onDay: (date: string) => void;
}

/** The week for narrow screens: one list, day by day. */
export function Agenda({ days, today, onOpen, onDay }: Props) {
  const { t } = useTranslation();
  const { language } = useFormats();
  return (
    <div className={classes.agenda}>
      {days.map(({ date, columns, entries }) => {
        const all = entries
          .flatMap((list, index) => list.map((entry) => ({ entry, who: columns[index]?.staff.name ?? "" })))
          .filter(({ entry }) => entry.kind !== "busy")
          .sort((a, b) => a.entry.from - b.entry.from);
        return (
          <section
            key={date}
            aria-label={formatDate(date, language, { weekday: "long", day: "numeric", month: "long" })}
          >
            <h2 data-today={date === today || undefined}>
              <button type="button" onClick={() => onDay(date)}>
                {formatDate(date, language, { weekday: "long", day: "numeric", month: "short" })}
              </button>
            </h2>
            {!all.length && (
              <Text size="sm" c="dimmed" px="md" pb="sm">
                {t("calendar.nothing")}
              </Text>
            )}
            <ul>
              {all.map(({ entry, who }) => (
                <li key={entry.key}>
                  <button
                    type="button"
                    className={classes.entry}
                    style={{ ["--tint" as string]: entry.kind === "appointment" ? entry.color : "var(--line-strong)" }}
                    onClick={() => onOpen(entry)}
                  >
                    <span className="num">
                      {clock(entry.from)}
                      <small>{clock(entry.to)}</small>
                    </span>
                    <span>
                      <b>
                        {entry.kind === "appointment"
                          ? (entry.item.contacts[0]?.displayName ?? entry.item.title)
                          : entry.kind === "block" && entry.item.title}
                      </b>
                      <small>
                        {[entry.kind === "appointment" && entry.item.title, who].filter(Boolean).join(" · ")}
                      </small>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
