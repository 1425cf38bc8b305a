// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from "react-i18next";
import { SyncIcon } from "../components/SyncChips";
import { Icon } from "../icons";
import { clock } from "../lib/time";
import classes from "./EntryBox.module.css";
import { type PlacedEntry, pixelsPerMinute } from "./model";

interface Props {
  entry: PlacedEntry;
  staffName: string;
  top: number;
  height: number;
  faded: boolean;
  onOpen: (entry: PlacedEntry) => void;
}

/** One appointment, block or external busy time. They differ in shape and pattern, not in colour alone. */
export function EntryBox({ entry, staffName, top, height, faded, onOpen }: Props) {
  const { t } = useTranslation();
  const times = `${clock(entry.from)}–${clock(entry.to)}`;
  const style = {
    top,
    height: Math.max(height - 2, 24),
    left: `calc(${(entry.lane / entry.lanes) * 100}% + 3px)`,
    width: `calc(${100 / entry.lanes}% - 7px)`,
  };
  if (entry.kind === "busy") {
    const minutes = Math.round(entry.ageSeconds / 60);
    return (
      <div className={`${classes.box} ${classes.busy}`} style={style}>
        <b>{t("calendar.busyOutside")}</b>
        <small>
          {times} · {t("calendar.busyAge", { count: minutes })}
        </small>
      </div>
    );
  }
  if (entry.kind === "block") {
    const title = entry.item.title || t("calendar.busyKind.blockTime");
    return (
      <button
        type="button"
        className={`${classes.box} ${classes.block}`}
        style={style}
        data-faded={faded || undefined}
        data-testid="block-time"
        aria-label={t("calendar.blockLabel", { title, times, who: staffName })}
        onClick={() => onOpen(entry)}
      >
        <b>
          <Icon name="block" size={13} /> {title}
        </b>
        {height > 38 && <small>{times}</small>}
      </button>
    );
  }
  const { item } = entry;
  const people =
    item.contacts.map((contact) => contact.displayName).join(", ") ||
    item.participants.map((person) => person.name).join(", ");
  return (
    <>
      {entry.buffer > 0 && (
        <div
          className={classes.buffer}
          style={{
            ...style,
            top: top + height - 2,
            height: entry.buffer * pixelsPerMinute,
            ["--tint" as string]: entry.color,
          }}
        />
      )}
      <button
        type="button"
        className={`${classes.box} ${classes.appointment}`}
        style={{ ...style, ["--tint" as string]: entry.color }}
        data-faded={faded || undefined}
        data-status={item.status}
        data-testid="appointment"
        aria-label={[times, item.title, people, staffName, t(`calendar.status.${item.status}`)]
          .filter(Boolean)
          .join(", ")}
        onClick={() => onOpen(entry)}
      >
        <span className={classes.line}>
          <b>{people || item.title}</b>
          {item.kind === "meeting" && <Icon name="video" size={14} />}
          <SyncIcon sync={item.sync.filter((state) => state.state !== "synced")} />
        </span>
        {height > 34 && (
          <small>
            <span className="num">{times}</span>
            {people && ` · ${item.title}`}
          </small>
        )}
        {item.status !== "confirmed" && height > 60 && <small>{t(`calendar.status.${item.status}`)}</small>}
      </button>
    </>
  );
}
