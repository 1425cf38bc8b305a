// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Group, Menu, Skeleton, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, ifMatch, unwrap } from "../api/client";
import { contactQuery } from "../api/queries";
import type { Contact } from "../api/types";
import { ContactDrawer } from "../components/ContactDrawer";
import { ClientFacts } from "../components/client/ClientFacts";
import { ClientFiles } from "../components/client/ClientFiles";
import { ClientFollowUps } from "../components/client/ClientFollowUps";
import { NextVisit } from "../components/client/NextVisit";
import { Timeline } from "../components/client/Timeline";
import { LinkButton } from "../components/LinkButton";
import { useTitle } from "../components/Page";
import { PersonAvatar } from "../components/PersonAvatar";
import { ProblemAlert } from "../components/ProblemAlert";
import { Panels } from "../components/panels/Panel";
import { SyncChips } from "../components/SyncChips";
import { Icon } from "../icons";
import { toastError, toastUndo } from "../lib/toast";
import classes from "./Client.module.css";

export default function ClientPage() {
  const { contactId } = useParams({ from: "/shell/clients/$contactId" });
  const { data: contact, error } = useQuery(contactQuery(contactId));
  const { t } = useTranslation();
  useTitle(contact?.displayName ?? t("clients.title"));
  return (
    <div className={classes.page}>
      <Link to="/clients" className={classes.back}>
        <Icon name="arrowLeft" size={16} /> {t("clients.title")}
      </Link>
      <ProblemAlert error={error} />
      {!contact && !error && <Skeleton height={380} radius="lg" />}
      {contact && <Content contact={contact} />}
    </div>
  );
}

function Content({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const [editing, edit] = useDisclosure();
  return (
    <>
      <header className={classes.head}>
        <PersonAvatar id={contact.id} name={contact.displayName} size={60} />
        <div className={classes.headText}>
          <Title order={1} size={26}>
            {contact.displayName}
          </Title>
          <SyncChips sync={contact.sync} />
          {contact.archived && (
            <Text size="sm" c="dimmed">
              {t("clients.isArchived")}
            </Text>
          )}
        </div>
        <Group gap="xs">
          <LinkButton to="/calendar" search={{ client: contact.id }} leftSection={<Icon name="calendar" />}>
            {t("clients.book")}
          </LinkButton>
          <Button variant="default" leftSection={<Icon name="pencil" />} onClick={edit.open}>
            {t("common.edit")}
          </Button>
          <More contact={contact} />
        </Group>
      </header>
      <div className={classes.columns}>
        <div className={classes.left}>
          <NextVisit contactId={contact.id} />
          <ClientFacts card={contact.card} />
          <ClientFollowUps contactId={contact.id} />
          <ClientFiles contactId={contact.id} />
          <Panels point="client.panel/v1" subject={{ contact: contact.id }} />
        </div>
        <Timeline contactId={contact.id} />
      </div>
      <ContactDrawer opened={editing} onClose={edit.close} contact={contact} />
    </>
  );
}

function More({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const setArchived = (archived: boolean) =>
    unwrap(
      api.POST("/contacts/{contactId}/archive", { params: { path: { contactId: contact.id } }, body: { archived } }),
    ).then(() => client.invalidateQueries({ queryKey: ["contacts"] }));
  const archive = useMutation({
    mutationFn: () => setArchived(!contact.archived),
    onSuccess: () => {
      const message = contact.archived ? "clients.restored" : "clients.archivedToast";
      toastUndo(t(message, { name: contact.displayName }), () => setArchived(contact.archived));
    },
    onError: toastError,
  });
  const remove = useMutation({
    mutationFn: () =>
      unwrap(
        api.DELETE("/contacts/{contactId}", { params: { path: { contactId: contact.id }, header: ifMatch(contact) } }),
      ),
    onSuccess: async () => {
      await navigate({ to: "/clients" });
      client.removeQueries({ queryKey: ["contacts", "one", contact.id] });
      void client.invalidateQueries({ queryKey: ["contacts"] });
      toastUndo(t("clients.deleted", { name: contact.displayName }), async () => {
        await unwrap(api.POST("/contacts", { body: { card: contact.card } }));
        await client.invalidateQueries({ queryKey: ["contacts"] });
      });
    },
    onError: toastError,
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t("common.moreActions")}>
          <Icon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="archive" />} onClick={() => archive.mutate()}>
          {t(contact.archived ? "clients.restore" : "clients.archive")}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<Icon name="trash" />} onClick={() => remove.mutate()}>
          {t("common.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
