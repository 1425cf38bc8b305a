// SPDX-License-Identifier: Apache-2.0
import { Button, Group, SegmentedControl, Skeleton, Text, Textarea } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceOnly, unwrap } from "../../api/client";
import { timelineQuery } from "../../api/queries";
import type { TimelineEntry } from "../../api/types";
import { useFormats } from "../../app/session";
import { Icon, type IconName } from "../../icons";
import { eventKey } from "../../lib/event-key";
import { formatInstant } from "../../lib/time";
import { ProblemAlert } from "../ProblemAlert";
import { Section } from "./Section";
import classes from "./Timeline.module.css";

const icons: Record<TimelineEntry["kind"], IconName> = {
  appointment: "calendar",
  meeting: "video",
  note: "note",
  file: "file",
  followUp: "bookmark",
  change: "pencil",
  sync: "refresh",
};
const filters = {
  all: () => true,
  visits: (entry: TimelineEntry) => entry.kind === "appointment" || entry.kind === "meeting",
  notes: (entry: TimelineEntry) => entry.kind === "note",
  files: (entry: TimelineEntry) => entry.kind === "file",
};
type Filter = keyof typeof filters;

/** Everything that happened with one client, newest first, and the field for a note on top. */
export function Timeline({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const [filter, setFilter] = useState<Filter>("all");
  // A change is named by its event; everything else has a title of its own.
  const titleOf = (entry: TimelineEntry) =>
    entry.kind === "change"
      ? t(`timeline.changed.${eventKey(entry.title)}` as "timeline.changed.contact_created", {
          defaultValue: t("timeline.kind.change"),
        })
      : entry.title || t(`timeline.kind.${entry.kind}`);
  const query = useInfiniteQuery(timelineQuery(contactId));
  const entries = query.data?.pages.flatMap((page) => page.items).filter(filters[filter]) ?? [];
  return (
    <Section
      title={t("timeline.title")}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t("timeline.filter")}
          value={filter}
          onChange={(value) => setFilter(value as Filter)}
          data={(Object.keys(filters) as Filter[]).map((value) => ({ value, label: t(`timeline.${value}`) }))}
        />
      }
    >
      <NewNote contactId={contactId} />
      <ProblemAlert error={query.error} compact />
      {query.isPending && <Skeleton height={120} />}
      <ol className={classes.list}>
        {entries.map((entry) => (
          <li key={`${entry.kind}${entry.ref?.id}${entry.at}${entry.title}`} className={classes.entry}>
            <span className={classes.dot} data-kind={entry.kind}>
              <Icon name={icons[entry.kind]} size={15} />
            </span>
            <div className={classes.body}>
              <div className={classes.line}>
                <b>{titleOf(entry)}</b>
                <time dateTime={entry.at}>{formatInstant(entry.at, zone, language)}</time>
              </div>
              {entry.text && <p>{entry.text}</p>}
            </div>
          </li>
        ))}
      </ol>
      {query.data && !entries.length && (
        <Text size="sm" c="dimmed">
          {t("timeline.none")}
        </Text>
      )}
      {query.hasNextPage && (
        <Button variant="default" size="xs" onClick={() => query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t("common.loadMore")}
        </Button>
      )}
    </Section>
  );
}

function NewNote({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/contacts/{contactId}/notes", {
          params: { path: { contactId }, header: onceOnly() },
          body: { text: text.trim() },
        }),
      ),
    onSuccess: () => {
      setText("");
      return client.invalidateQueries({ queryKey: ["timeline", contactId] });
    },
  });
  function submit(event?: FormEvent) {
    event?.preventDefault();
    if (text.trim()) add.mutate();
  }
  return (
    <form onSubmit={submit} className={classes.note}>
      <Textarea
        aria-label={t("timeline.noteLabel")}
        placeholder={t("timeline.notePlaceholder")}
        autosize
        minRows={text ? 2 : 1}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        }}
      />
      <ProblemAlert error={add.error} compact />
      {text.trim() && (
        <Group justify="flex-end">
          <Button type="submit" size="xs" loading={add.isPending}>
            {t("timeline.addNote")}
          </Button>
        </Group>
      )}
    </form>
  );
}
