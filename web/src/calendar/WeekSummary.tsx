// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from "react-i18next";
import { useFormats } from "../app/session";
import { PersonAvatar } from "../components/PersonAvatar";
import { formatDuration } from "../lib/format";
import { clock, formatDate } from "../lib/time";
import { type Column, hoursOf, type PlacedEntry } from "./model";
import classes from "./WeekSummary.module.css";

interface Props {
  /** Rows of people, each with the same days. */
  rows: { columns: Column[]; entries: PlacedEntry[][] }[];
  today: string;
  onDay: (date: string) => void;
  onPerson: (staffId: string) => void;
}

/** Everybody's week at a glance: how full each day is. A day opens the day, a name opens that person's week. */
export function WeekSummary({ rows, today, onDay, onPerson }: Props) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const days = rows[0]?.columns.map((column) => column.date) ?? [];
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("calendar.staff")}</th>
            {days.map((date) => (
              <th key={date} scope="col" data-today={date === today || undefined}>
                <button type="button" onClick={() => onDay(date)}>
                  {formatDate(date, language, { weekday: "short" })}{" "}
                  <b>{formatDate(date, language, { day: "numeric" })}</b>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ columns, entries }) => {
            const person = columns[0]?.staff;
            if (!person) return null;
            return (
              <tr key={person.id}>
                <th scope="row">
                  <button type="button" className={classes.person} onClick={() => onPerson(person.id)}>
                    <PersonAvatar id={person.id} name={person.name} size={30} />
                    {person.name}
                  </button>
                </th>
                {columns.map((column, index) => (
                  <td key={column.date}>
                    <DayCell column={column} entries={entries[index] ?? []} onDay={onDay} />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const shown = 4;

function DayCell({
  column,
  entries,
  onDay,
}: {
  column: Column;
  entries: PlacedEntry[];
  onDay: (date: string) => void;
}) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const open = hoursOf(column.staff.workingHours, column.date);
  const booked = entries.filter((entry) => entry.kind === "appointment");
  const minutes = booked.reduce((sum, entry) => sum + entry.to - entry.from, 0);
  const capacity = open.reduce((sum, span) => sum + span.to - span.from, 0);
  const label = `${column.staff.name}, ${formatDate(column.date, language, { weekday: "long", day: "numeric", month: "long" })}: `;
  const summary = booked.length
    ? t("calendar.visits", { count: booked.length })
    : open.length
      ? t("calendar.free")
      : t("calendar.off");
  return (
    <button
      type="button"
      className={classes.cell}
      data-off={!open.length || undefined}
      aria-label={label + summary}
      onClick={() => onDay(column.date)}
    >
      <span className={classes.summary}>
        {summary}
        {minutes > 0 && <small>{formatDuration(minutes)}</small>}
      </span>
      {capacity > 0 && (
        <span className={classes.meter}>
          <i style={{ width: `${Math.min(100, (minutes / capacity) * 100)}%` }} />
        </span>
      )}
      <span className={classes.list}>
        {booked.slice(0, shown).map((entry) => (
          <span key={entry.key} className={classes.visit} style={{ ["--tint" as string]: entry.color }}>
            <span className="num">{clock(entry.from)}</span> {entry.item.contacts[0]?.displayName ?? entry.item.title}
          </span>
        ))}
        {booked.length > shown && (
          <span className={classes.more}>{t("calendar.moreVisits", { count: booked.length - shown })}</span>
        )}
      </span>
    </button>
  );
}
