// SPDX-License-Identifier: Apache-2.0
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import {
  appointmentsQuery,
  availabilityQuery,
  blockTimesQuery,
  followUpsQuery,
  servicesQuery,
  staffQuery,
} from "../api/queries";
import type { Appointment, Availability, BlockTime, Service, Staff } from "../api/types";
import { useFormats } from "../app/session";
import { addDays, clock, formatDate, mondayOf } from "../lib/time";
import { type Column, entriesOf, hoursOf } from "./model";

const noStaff: Staff[] = [];
const noServices: Service[] = [];
const noAppointments: Appointment[] = [];
const noBlocks: BlockTime[] = [];

/** Everything that a calendar view draws between two days, in columns. */
export function useCalendarData(view: "day" | "week" | "person", date: string, personId: string | undefined) {
  const { zone, language } = useFormats();
  const { t } = useTranslation();
  const from = view === "day" ? date : mondayOf(date);
  const dayCount = view === "day" ? 1 : 7;
  const to = addDays(from, dayCount);
  const staff = useQuery(staffQuery());
  const services = useQuery(servicesQuery());
  const appointments = useQuery(appointmentsQuery({ from, to }));
  const blocks = useQuery(blockTimesQuery({ from, to }));
  const followUps = useQuery(followUpsQuery({ from, to }));
  const people = staff.data ?? noStaff;
  const person = people.find((item) => item.id === personId) ?? people[0];
  // The summary of a week shows no external busy times, so nobody is asked for them.
  const asked = view === "day" ? people : view === "person" && person ? [person] : noStaff;
  const availability = useQueries({
    queries: asked.map((item) => availabilityQuery(item.id, from, dayCount)),
    combine: (results) => results.map((result) => result.data),
  });

  const off = t("calendar.off");
  const columnsOf = useMemo(() => {
    const hours = (member: Staff, day: string) =>
      hoursOf(member.workingHours, day)
        .map((span) => `${clock(span.from)}–${clock(span.to)}`)
        .join(", ") || off;
    const column = (member: Staff, day: string, title: string): Column => ({
      key: `${member.id}|${day}`,
      date: day,
      staff: member,
      title,
      subtitle: hours(member, day),
    });
    return {
      ofDay: (day: string) => people.map((member) => column(member, day, member.name)),
      ofPerson: (member: Staff) =>
        Array.from({ length: 7 }, (_, index) => addDays(from, index)).map((day) =>
          column(member, day, formatDate(day, language, { weekday: "short", day: "numeric" })),
        ),
    };
  }, [people, from, language, off]);

  const sources = useMemo(
    () => ({
      appointments: appointments.data ?? noAppointments,
      blocks: blocks.data ?? noBlocks,
      services: services.data ?? noServices,
      availability: availability as (Availability | undefined)[],
      zone,
    }),
    [appointments.data, blocks.data, services.data, availability, zone],
  );
  const columns = useMemo(
    () => (view === "person" ? (person ? columnsOf.ofPerson(person) : []) : columnsOf.ofDay(date)),
    [view, person, columnsOf, date],
  );
  const entries = useMemo(() => columns.map((column) => entriesOf(column, sources)), [columns, sources]);
  const rows = useMemo(
    () =>
      view === "week"
        ? people.map((member) => {
            const week = columnsOf.ofPerson(member);
            return { columns: week, entries: week.map((column) => entriesOf(column, sources)) };
          })
        : [],
    [view, people, columnsOf, sources],
  );
  const unknown = availability.flatMap((item) => item?.sources.filter((source) => source.state === "unknown") ?? []);
  return {
    columns,
    entries,
    rows,
    person,
    staff: people,
    services: services.data ?? noServices,
    followUps: followUps.data?.filter((item) => view === "day" && !item.done) ?? [],
    unknown,
    loading: staff.isPending || appointments.isPending || blocks.isPending,
    error: staff.error ?? appointments.error ?? blocks.error ?? services.error,
  };
}
