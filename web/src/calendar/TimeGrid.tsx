// SPDX-License-Identifier: Apache-2.0
import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { clock } from "../lib/time";
import { EntryBox } from "./EntryBox";
import {
  type Column,
  closedSpans,
  freeSlots,
  hoursOf,
  isOpen,
  type PlacedEntry,
  pixelsPerMinute,
  type Span,
  slotMinutes,
} from "./model";
import classes from "./TimeGrid.module.css";

interface Props {
  columns: Column[];
  entries: PlacedEntry[][];
  range: Span;
  /** Today's column date and minute, for the line. */
  now: { date: string; minute: number };
  onSlot: (column: Column, minute: number) => void;
  onOpen: (entry: PlacedEntry) => void;
  /** The entry being moved: slots show where it would end. */
  moving?: { key: string; minutes: number };
  /** A column's extra content: the draft with its popover. */
  draft?: { column: string; node: ReactNode };
  onTitle?: (column: Column) => void;
}

const px = (minutes: number) => minutes * pixelsPerMinute;

/** Times down, people (or days) across. One tab stop for the free slots: arrows walk, Enter books. */
export function TimeGrid({ columns, entries, range, now, onSlot, onOpen, moving, draft, onTitle }: Props) {
  const { t } = useTranslation();
  const root = useRef<HTMLDivElement>(null);
  const hours = Array.from({ length: (range.to - range.from) / 60 }, (_, index) => range.from + index * 60);
  const isToday = columns.some((column) => column.date === now.date);
  const scrolled = useRef(false);
  useEffect(() => {
    if (scrolled.current || !isToday || !root.current) return;
    scrolled.current = true;
    root.current.scrollTop = Math.max(0, px(now.minute - range.from) - 160);
  }, [isToday, now.minute, range.from]);
  useSingleTabStop(root, `${columns[0]?.key}|${columns.length}|${range.from}|${Boolean(moving)}`);

  function onKey(event: KeyboardEvent<HTMLDivElement>) {
    const [column, minute] = (event.target as HTMLElement).dataset.slot?.split("|").map(Number) ?? [];
    if (column === undefined || minute === undefined) return;
    const steps: Record<string, [number, number]> = {
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    // Covered slots do not exist: go on in the same direction until there is one.
    for (let n = 1; n < 100; n += 1) {
      const next = root.current?.querySelector<HTMLElement>(
        `[data-slot="${column + step[0] * n}|${minute + step[1] * n * slotMinutes}"]`,
      );
      if (next) {
        next.focus();
        return;
      }
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys of the slot buttons inside
    <div ref={root} className={classes.root} data-moving={moving ? true : undefined} onKeyDown={onKey}>
      <div className={classes.head} style={{ gridTemplateColumns: `52px repeat(${columns.length}, minmax(0, 1fr))` }}>
        <span />
        {columns.map((column) => (
          <ColumnTitle
            key={column.key}
            column={column}
            isToday={column.date === now.date && columns[0]?.date !== columns.at(-1)?.date}
            onTitle={onTitle}
          />
        ))}
      </div>
      <div
        className={classes.body}
        style={{
          gridTemplateColumns: `52px repeat(${columns.length}, minmax(0, 1fr))`,
          height: px(range.to - range.from),
        }}
      >
        <div className={classes.times} aria-hidden="true">
          {hours.map((minute) => (
            <span key={minute} style={{ top: px(minute - range.from) }}>
              {clock(minute)}
            </span>
          ))}
        </div>
        {columns.map((column, index) => (
          <GridColumn
            key={column.key}
            column={column}
            index={index}
            entries={entries[index] ?? []}
            range={range}
            moving={moving}
            onSlot={onSlot}
            onOpen={onOpen}
            draft={draft?.column === column.key ? draft.node : undefined}
          />
        ))}
        {isToday && now.minute >= range.from && now.minute <= range.to && (
          <div className={classes.now} style={{ top: px(now.minute - range.from) }} role="presentation">
            <span className={classes.nowTime}>{clock(now.minute)}</span>
          </div>
        )}
      </div>
      <p className="visually-hidden">{t("calendar.gridHelp")}</p>
    </div>
  );
}

/** Exactly one slot can be reached with Tab: the one last used, or the first. */
function useSingleTabStop(root: React.RefObject<HTMLDivElement | null>, drawn: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: `drawn` names what the slots depend on
  useEffect(() => {
    const grid = root.current;
    if (!grid) return;
    let current =
      grid.querySelector<HTMLElement>("[data-slot][data-open]") ?? grid.querySelector<HTMLElement>("[data-slot]");
    if (current) current.tabIndex = 0;
    const onFocus = (event: FocusEvent) => {
      const target = event.target as HTMLElement;
      if (!target.dataset.slot) return;
      if (current) current.tabIndex = -1;
      target.tabIndex = 0;
      current = target;
    };
    grid.addEventListener("focusin", onFocus);
    return () => {
      grid.removeEventListener("focusin", onFocus);
      if (current) current.tabIndex = -1;
    };
  }, [drawn]);
}

function ColumnTitle({
  column,
  isToday,
  onTitle,
}: {
  column: Column;
  isToday: boolean;
  onTitle?: (column: Column) => void;
}) {
  const content = (
    <>
      <b>{column.title}</b>
      <small>{column.subtitle}</small>
    </>
  );
  if (!onTitle) return <div className={classes.title}>{content}</div>;
  return (
    <button type="button" className={classes.title} data-today={isToday || undefined} onClick={() => onTitle(column)}>
      {content}
    </button>
  );
}

interface ColumnProps {
  column: Column;
  index: number;
  entries: PlacedEntry[];
  range: Span;
  moving?: { key: string; minutes: number };
  onSlot: (column: Column, minute: number) => void;
  onOpen: (entry: PlacedEntry) => void;
  draft?: ReactNode;
}

const GridColumn = memo(function GridColumn({
  column,
  index,
  entries,
  range,
  moving,
  onSlot,
  onOpen,
  draft,
}: ColumnProps) {
  const { t } = useTranslation();
  const open = hoursOf(column.staff.workingHours, column.date);
  const name = `${column.title} ${column.subtitle}`.trim();
  return (
    <section className={classes.column} aria-label={name}>
      {closedSpans(open, range).map((span) => (
        <div
          key={span.from}
          className={classes.closed}
          style={{ top: px(span.from - range.from), height: px(span.to - span.from) }}
        />
      ))}
      {!open.length && <span className={classes.off}>{t("calendar.off")}</span>}
      {freeSlots(range, entries, Boolean(moving)).map((minute) => (
        <button
          key={minute}
          type="button"
          tabIndex={-1}
          className={classes.slot}
          style={{
            top: px(minute - range.from),
            height: px(slotMinutes),
            ["--ghost" as string]: `${px(moving?.minutes ?? 0)}px`,
          }}
          data-slot={`${index}|${minute}`}
          data-open={isOpen(column, minute) || undefined}
          aria-label={t(moving ? "calendar.moveTo" : "calendar.slot", { who: column.title, time: clock(minute) })}
          onClick={() => onSlot(column, minute)}
        >
          <span>{clock(minute)}</span>
        </button>
      ))}
      {entries.map((entry) => (
        <EntryBox
          key={entry.key}
          entry={entry}
          staffName={column.staff.name}
          top={px(entry.from - range.from)}
          height={px(entry.to - entry.from)}
          faded={moving?.key === entry.key}
          onOpen={onOpen}
        />
      ))}
      {draft}
    </section>
  );
});
