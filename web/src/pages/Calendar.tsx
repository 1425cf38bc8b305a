// SPDX-License-Identifier: Apache-2.0
import { Button, Drawer, Popover, Skeleton, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { contactQuery } from "../api/queries";
import { useFormats } from "../app/session";
import { Agenda } from "../calendar/Agenda";
import type { Editing } from "../calendar/BookingDrawer";
import { CalendarBar } from "../calendar/CalendarBar";
import { ConflictAlert } from "../calendar/ConflictAlert";
import { DayStrip } from "../calendar/DayStrip";
import { type Draft, newDraft } from "../calendar/draft";
import { type Column, isOpen, type PlacedEntry, pixelsPerMinute, visibleRange } from "../calendar/model";
import { QuickForm } from "../calendar/QuickForm";
import { TimeGrid } from "../calendar/TimeGrid";
import { useCalendarData } from "../calendar/useCalendarData";
import { useMoving } from "../calendar/useMoving";
import { WeekSummary } from "../calendar/WeekSummary";
import { useTitle } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { clock, minuteOf, toLocal, weekday } from "../lib/time";
import classes from "./Calendar.module.css";

// Fetched with the page, but nothing waits for it.
const BookingDrawer = lazy(() => import("../calendar/BookingDrawer"));

function useNow(zone: string) {
  const read = useCallback(() => {
    const local = toLocal(new Date(), zone);
    return { date: local.slice(0, 10), minute: minuteOf(local) };
  }, [zone]);
  const [now, setNow] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setNow(read()), 30_000);
    return () => clearInterval(timer);
  }, [read]);
  return now;
}

export default function Calendar() {
  const { t } = useTranslation();
  const { zone } = useFormats();
  const search = useSearch({ from: "/shell/calendar" });
  const navigate = useNavigate();
  const narrow = useMediaQuery("(max-width: 767px)", undefined, { getInitialValueInEffect: false }) ?? false;
  const now = useNow(zone);
  const view = search.view ?? "day";
  const date = search.date ?? now.date;
  const data = useCalendarData(view, date, search.staff);
  const [draft, setDraft] = useState<{ column: string; values: Draft }>();
  const [editing, setEditing] = useState<Editing>();
  const moving = useMoving();
  useTitle(t("nav.calendar"));

  const go = useCallback(
    (to: { date?: string; view?: "day" | "week" | "person"; staff?: string }) => {
      setDraft(undefined);
      void navigate({
        to: "/calendar",
        search: (old) => ({ ...old, ...to, view: (to.view ?? old.view) === "day" ? undefined : (to.view ?? old.view) }),
      });
    },
    [navigate],
  );
  const moveTo = moving.to;
  const isMoving = Boolean(moving.item);
  const onSlot = useCallback(
    (column: Column, minute: number) => {
      if (isMoving) moveTo(column.staff.id, column.date, minute);
      else
        setDraft({
          column: column.key,
          values: newDraft(column.staff.id, column.date, clock(minute), search.client ?? null),
        });
    },
    [isMoving, moveTo, search.client],
  );
  const onOpen = useCallback((entry: PlacedEntry) => {
    setDraft(undefined);
    if (entry.kind !== "busy") setEditing({ kind: entry.kind, item: entry.item } as Editing);
  }, []);
  function newOne() {
    const next = Math.min(1380, Math.ceil((now.minute + 1) / 30) * 30);
    const person = data.person ?? data.staff[0];
    const time = clock(date === now.date ? next : 600);
    setEditing({ kind: "new", draft: newDraft(person?.id ?? "", date, time, search.client ?? null) });
  }
  function startMove(what: Editing) {
    setEditing(undefined);
    moving.start(what);
    if (view === "week") go({ view: "day" });
  }

  // On a phone the day shows one person, whom the bar chooses.
  const single = narrow && view === "day" && data.person;
  const at = single ? data.columns.findIndex((column) => column.staff.id === data.person?.id) : -1;
  const columns = useMemo(() => (at >= 0 ? data.columns.slice(at, at + 1) : data.columns), [at, data.columns]);
  const entries = useMemo(() => (at >= 0 ? data.entries.slice(at, at + 1) : data.entries), [at, data.entries]);
  const range = useMemo(() => visibleRange(columns, entries), [columns, entries]);

  const closeDraft = () => setDraft(undefined);
  const quick = draft && (
    <QuickForm
      draft={draft.values}
      onChange={(values) => setDraft({ ...draft, values })}
      onClose={closeDraft}
      onMore={() => {
        setEditing({ kind: "new", draft: draft.values });
        closeDraft();
      }}
      staff={data.staff}
      services={data.services}
      inPopover={!narrow}
      outsideHours={
        !columns.some((column) => column.key === draft.column && isOpen(column, minuteOf(draft.values.time)))
      }
    />
  );
  const days = useMemo(() => agendaDays(view, data, columns, entries), [view, data, columns, entries]);
  return (
    <div className={classes.page}>
      <CalendarBar
        date={date}
        view={view}
        staff={data.staff}
        person={data.person?.id ?? ""}
        onGo={go}
        onNew={newOne}
        narrow={narrow}
      />
      <DayStrip followUps={data.followUps} unknown={data.unknown} />
      {search.client && !isMoving && (
        <BookingFor
          contactId={search.client}
          onStop={() => navigate({ to: "/calendar", search: (old) => ({ ...old, client: undefined }) })}
        />
      )}
      {moving.item && (
        <div className={classes.banner} role="status">
          <Text size="sm" fw={550}>
            {t("calendar.moving", { title: moving.title })}
          </Text>
          <Button size="compact-sm" variant="default" onClick={moving.stop}>
            {t("common.cancel")}
          </Button>
          <ConflictAlert error={moving.error} />
        </div>
      )}
      <ProblemAlert error={data.error} />
      {data.loading ? (
        <Skeleton flex={1} radius={0} />
      ) : view === "week" && !narrow ? (
        <WeekSummary
          rows={data.rows}
          today={now.date}
          onDay={(day) => go({ date: day, view: "day" })}
          onPerson={(staff) => go({ staff, view: "person" })}
        />
      ) : narrow && view !== "day" && !isMoving ? (
        <Agenda days={days} today={now.date} onOpen={onOpen} onDay={(day) => go({ date: day, view: "day" })} />
      ) : (
        <TimeGrid
          key={view}
          columns={columns}
          entries={entries}
          range={range}
          now={now}
          onSlot={onSlot}
          onOpen={onOpen}
          moving={moving.ghost}
          draft={
            draft && !narrow
              ? {
                  column: draft.column,
                  node: (
                    <DraftBox
                      draft={draft.values}
                      from={range.from}
                      column={columns.findIndex((item) => item.key === draft.column)}
                      count={columns.length}
                      onClose={closeDraft}
                    >
                      {quick}
                    </DraftBox>
                  ),
                }
              : undefined
          }
          onTitle={
            view === "person"
              ? (column) => go({ date: column.date, view: "day" })
              : (column) => go({ staff: column.staff.id, view: "person" })
          }
        />
      )}
      {narrow && (
        <Drawer
          opened={Boolean(draft)}
          onClose={closeDraft}
          position="bottom"
          size="auto"
          title={t("calendar.new")}
          closeButtonProps={{ "aria-label": t("common.close") }}
          radius="lg"
          data-testid="slot-popover"
        >
          {quick}
        </Drawer>
      )}
      <Suspense>
        <BookingDrawer
          editing={editing}
          onClose={() => setEditing(undefined)}
          onMove={startMove}
          staff={data.staff}
          services={data.services}
        />
      </Suspense>
    </div>
  );
}

/** The booked-to-be time in its column, with the small form beside it. */
function DraftBox({
  draft,
  from,
  column,
  count,
  onClose,
  children,
}: {
  draft: Draft;
  from: number;
  column: number;
  count: number;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const style = {
    top: (minuteOf(draft.time) - from) * pixelsPerMinute,
    height: Math.max(24, draft.durationMinutes * pixelsPerMinute),
  };
  return (
    <Popover
      opened
      onChange={(opened) => !opened && onClose()}
      onClose={onClose}
      position={column < count / 2 ? "right-start" : "left-start"}
      width={380}
      shadow="xl"
      trapFocus
      returnFocus
      withArrow
      radius="lg"
      closeOnClickOutside
      withRoles={false}
      hideDetached={false}
    >
      <Popover.Target>
        <div className={classes.draft} style={style} />
      </Popover.Target>
      <Popover.Dropdown p="md" data-testid="slot-popover" role="dialog" aria-label={t("calendar.new")}>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}

function BookingFor({ contactId, onStop }: { contactId: string; onStop: () => void }) {
  const { t } = useTranslation();
  const { data } = useQuery(contactQuery(contactId));
  return (
    <div className={classes.banner} role="status">
      <Text size="sm" fw={550}>
        {t("calendar.bookingFor", { name: data?.displayName ?? "…" })}
      </Text>
      <Button size="compact-sm" variant="default" onClick={onStop}>
        {t("common.cancel")}
      </Button>
    </div>
  );
}

function agendaDays(
  view: string,
  data: ReturnType<typeof useCalendarData>,
  columns: Column[],
  entries: PlacedEntry[][],
) {
  if (view === "person")
    return columns.map((column, index) => ({ date: column.date, columns: [column], entries: [entries[index] ?? []] }));
  const dates = data.rows[0]?.columns.map((column) => column.date) ?? [];
  return dates.map((date) => ({
    date,
    columns: data.rows.flatMap((row) => row.columns[weekday(date)] ?? []),
    entries: data.rows.map((row) => row.entries[weekday(date)] ?? []),
  }));
}
