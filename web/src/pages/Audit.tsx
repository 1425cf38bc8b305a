// SPDX-License-Identifier: Apache-2.0
import { Button, Code, Group, Select, Skeleton, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { auditQuery, usersQuery } from "../api/queries";
import type { AuditEvent } from "../api/types";
import { useFormats, useRole } from "../app/session";
import { LogCheck } from "../components/audit/LogCheck";
import { EmptyState } from "../components/EmptyState";
import { Page } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { Icon, type IconName } from "../icons";
import { eventKey } from "../lib/event-key";
import { addDays, formatInstant } from "../lib/time";
import classes from "./Audit.module.css";

const kinds = [
  "contact",
  "appointment",
  "blockTime",
  "followUp",
  "note",
  "file",
  "connection",
  "plugin",
  "session",
  "user",
  "tenant",
  "service",
  "staff",
  "sync",
] as const;
const icons: Record<string, IconName> = {
  contact: "users",
  appointment: "calendar",
  connection: "link",
  plugin: "puzzle",
  file: "file",
  note: "note",
  session: "key",
  user: "user",
  sync: "refresh",
};

/** Every change in plain sentences; the stored event is one click away. */
export default function Audit() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/shell/audit" });
  const navigate = useNavigate();
  const { isAdmin } = useRole();
  const { data: users } = useQuery({ ...usersQuery, enabled: isAdmin });
  const query = useInfiniteQuery(auditQuery({ ...search, to: search.to && addDays(search.to, 1) }));
  const events = query.data?.pages.flatMap((page) => page.items) ?? [];
  const set = (part: Partial<typeof search>) =>
    navigate({ to: "/audit", search: (old) => ({ ...old, ...part }), replace: true });
  const actors = [
    ...(users?.map((user) => ({ value: user.id, label: user.name })) ?? []),
    { value: "system", label: t("audit.system") },
  ];
  const filtered = Object.values(search).some(Boolean);
  return (
    <Page title={t("audit.title")} intro={t("audit.intro")} actions={<LogCheck />}>
      <div className={classes.filters}>
        <Select
          label={t("audit.who")}
          placeholder={t("audit.anybody")}
          clearable
          data={actors}
          value={search.actor ?? null}
          onChange={(actor) => set({ actor: actor ?? undefined })}
          clearButtonProps={{ "aria-label": t("common.clear") }}
        />
        <Select
          label={t("audit.kind")}
          placeholder={t("audit.everything")}
          clearable
          data={kinds.map((kind) => ({
            value: `${kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.`,
            label: t(`audit.subject.${kind}`),
          }))}
          value={search.type ?? null}
          onChange={(type) => set({ type: type ?? undefined })}
          clearButtonProps={{ "aria-label": t("common.clear") }}
        />
        <TextInput
          type="date"
          label={t("audit.from")}
          value={search.from ?? ""}
          onChange={(event) => set({ from: event.currentTarget.value || undefined })}
        />
        <TextInput
          type="date"
          label={t("audit.to")}
          value={search.to ?? ""}
          onChange={(event) => set({ to: event.currentTarget.value || undefined })}
        />
        <TextInput
          label={t("audit.subjectId")}
          value={search.subject ?? ""}
          onChange={(event) => set({ subject: event.currentTarget.value || undefined })}
        />
        {filtered && (
          <Button variant="subtle" onClick={() => navigate({ to: "/audit", search: {} })}>
            {t("audit.clear")}
          </Button>
        )}
      </div>
      <ProblemAlert error={query.error} />
      {query.isPending && <Skeleton height={400} radius="lg" />}
      {query.data && (
        <ol className={`card ${classes.list}`}>
          {events.map((event) => (
            <Row key={event.seq} event={event} onSubject={(subject) => set({ subject })} />
          ))}
          {!events.length && (
            <li>
              <EmptyState
                icon="history"
                title={t("audit.none")}
                text={t(filtered ? "audit.noneFiltered" : "audit.noneText")}
              />
            </li>
          )}
        </ol>
      )}
      {query.hasNextPage && (
        <Button mt="md" variant="default" onClick={() => query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t("common.loadMore")}
        </Button>
      )}
    </Page>
  );
}

function Row({ event, onSubject }: { event: AuditEvent; onSubject: (id: string) => void }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const [open, { toggle }] = useDisclosure(false);
  const verb = event.type.split(".").pop() ?? "";
  const kind = t(`audit.subject.${event.subjectKind as "contact"}`, { defaultValue: event.subjectKind });
  // A known event has its own sentence; any other is still told with its words.
  const sentence = t(`audit.event.${eventKey(event.type)}` as "audit.event.contact_created", {
    defaultValue: t("audit.sentence", {
      kind,
      verb: t(`audit.verb.${verb}` as "audit.verb.created", { defaultValue: verb.replaceAll(/[_-]/g, " ") }),
    }),
  });
  return (
    <li className={classes.row} data-testid="audit-row">
      <span className={classes.icon}>
        <Icon name={icons[event.subjectKind] ?? "history"} size={16} />
      </span>
      <div className={classes.text}>
        <b>{event.actorName || event.actor}</b> {sentence}
        {event.title && <em> {event.title}</em>}
        <Group gap="md" className={classes.links}>
          <Text component="time" size="xs" className="num" dateTime={event.at}>
            {formatInstant(event.at, zone, language)}
          </Text>
          <UnstyledButton onClick={toggle} aria-expanded={open}>
            {t(open ? "audit.hideRaw" : "audit.showRaw")}
          </UnstyledButton>
          <UnstyledButton onClick={() => onSubject(event.subjectId)}>{t("audit.sameSubject")}</UnstyledButton>
        </Group>
        {open && (
          <Code block mt="xs">
            {JSON.stringify(event, null, 2)}
          </Code>
        )}
      </div>
    </li>
  );
}
