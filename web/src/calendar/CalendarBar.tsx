// SPDX-License-Identifier: Apache-2.0
import "@mantine/dates/styles.css";
import { ActionIcon, Button, Group, Popover, SegmentedControl, Select } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Staff } from "../api/types";
import type { CalendarView } from "../app/router";
import { useFormats } from "../app/session";
import { Icon } from "../icons";
import { addDays, formatDate, mondayOf, shortDate, today, zoneCity, zoneOffset } from "../lib/time";
import "./calendarLocales";
import classes from "./CalendarBar.module.css";

interface Props {
  date: string;
  view: CalendarView;
  staff: Staff[];
  person: string;
  onGo: (to: { date?: string; view?: CalendarView; staff?: string }) => void;
  onNew: () => void;
}

function titleOf(view: CalendarView, date: string, language: string, narrow: boolean): string {
  if (view === "day") {
    return formatDate(date, language, narrow ? shortDate : { weekday: "long", day: "numeric", month: "long" });
  }
  const monday = mondayOf(date);
  const format = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  return format.formatRange(new Date(`${monday}T00:00Z`), new Date(`${addDays(monday, 6)}T00:00Z`));
}

export function CalendarBar({ date, view, staff, person, onGo, onNew, narrow }: Props & { narrow: boolean }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const [picking, setPicking] = useState(false);
  const step = view === "day" ? 1 : 7;
  const views: CalendarView[] = ["day", "week", "person"];
  return (
    <header className={classes.bar}>
      <div className={classes.when}>
        <Popover opened={picking} onChange={setPicking} position="bottom-start" trapFocus returnFocus shadow="md">
          <Popover.Target>
            <button
              type="button"
              className={classes.title}
              onClick={() => setPicking(!picking)}
              aria-expanded={picking}
              aria-haspopup="dialog"
            >
              <h1>{titleOf(view, date, language, narrow)}</h1>
              <Icon name="chevronDown" size={17} />
            </button>
          </Popover.Target>
          <Popover.Dropdown>
            <DatePicker
              locale={language.slice(0, 2)}
              value={date}
              defaultDate={date}
              firstDayOfWeek={1}
              hideOutsideDates
              weekendDays={[]}
              ariaLabels={{
                previousMonth: t("calendar.previousMonth"),
                nextMonth: t("calendar.nextMonth"),
                previousYear: t("calendar.previousYear"),
                nextYear: t("calendar.nextYear"),
                previousDecade: t("calendar.previousYears"),
                nextDecade: t("calendar.nextYears"),
              }}
              onChange={(value) => {
                setPicking(false);
                if (value) onGo({ date: value });
              }}
            />
          </Popover.Dropdown>
        </Popover>
        <p>
          {t("calendar.zone", { city: zoneCity(zone), offset: zoneOffset(zone, date) })}
          {Intl.DateTimeFormat().resolvedOptions().timeZone !== zone && ` · ${t("calendar.otherZone")}`}
        </p>
      </div>
      <Group gap={6} wrap="nowrap">
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t(view === "day" ? "calendar.previousDay" : "calendar.previousWeek")}
          onClick={() => onGo({ date: addDays(date, -step) })}
        >
          <Icon name="chevronLeft" />
        </ActionIcon>
        <Button variant="default" px="sm" onClick={() => onGo({ date: today(zone) })}>
          {t("calendar.today")}
        </Button>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t(view === "day" ? "calendar.nextDay" : "calendar.nextWeek")}
          onClick={() => onGo({ date: addDays(date, step) })}
        >
          <Icon name="chevronRight" />
        </ActionIcon>
      </Group>
      <Group gap="xs" wrap="nowrap" className={classes.views}>
        <SegmentedControl
          aria-label={t("calendar.view")}
          value={view}
          onChange={(value) => onGo({ view: value as CalendarView })}
          data={views.map((value) => ({ value, label: t(`calendar.views.${value}`) }))}
        />
        {(view === "person" || (narrow && view === "day")) && (
          <Select
            aria-label={t("calendar.staff")}
            w={160}
            allowDeselect={false}
            data={staff.map((item) => ({ value: item.id, label: item.name }))}
            value={person}
            onChange={(value) => value && onGo({ staff: value })}
          />
        )}
      </Group>
      <Button
        leftSection={<Icon name="plus" />}
        onClick={onNew}
        data-testid="new-appointment"
        className={classes.create}
      >
        {t("calendar.new")}
      </Button>
    </header>
  );
}
