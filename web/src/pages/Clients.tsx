// SPDX-License-Identifier: Apache-2.0
import { Button, SegmentedControl, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { contactsQuery } from "../api/queries";
import { ClientList } from "../components/ClientList";
import { ContactDrawer } from "../components/ContactDrawer";
import { EmptyState } from "../components/EmptyState";
import { LinkButton } from "../components/LinkButton";
import { Page } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { Icon } from "../icons";
import classes from "./Clients.module.css";

export default function Clients() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/shell/clients" });
  const navigate = useNavigate();
  const [text, setText] = useState(search.q ?? "");
  const [q] = useDebouncedValue(text.trim(), 150);
  const [adding, add] = useDisclosure();
  const archived = search.archived === true;
  const query = useInfiniteQuery(contactsQuery(q, archived));
  const contacts = query.data?.pages.flatMap((page) => page.items) ?? [];
  useEffect(() => {
    if (q !== (search.q ?? "")) {
      void navigate({ to: "/clients", search: (old) => ({ ...old, q: q || undefined }), replace: true });
    }
  }, [q, search.q, navigate]);

  const addButton = (
    <Button leftSection={<Icon name="plus" />} onClick={add.open} data-testid="add-client">
      {t("clients.add")}
    </Button>
  );
  const importButton = (
    <LinkButton variant="default" leftSection={<Icon name="importIcon" />} to="/clients/import">
      {t("clients.import")}
    </LinkButton>
  );
  return (
    <Page
      title={t("clients.title")}
      wide
      actions={[importButton, addButton].map((button, index) => <span key={String(index)}>{button}</span>)}
    >
      <div className={classes.filters}>
        <TextInput
          className={classes.search}
          type="search"
          leftSection={<Icon name="search" size={17} />}
          placeholder={t("clients.searchHint")}
          aria-label={t("clients.search")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label={t("clients.show")}
          value={archived ? "archived" : "active"}
          onChange={(value) =>
            navigate({ to: "/clients", search: { q: q || undefined, archived: value === "archived" || undefined } })
          }
          data={[
            { value: "active", label: t("clients.active") },
            { value: "archived", label: t("clients.archived") },
          ]}
        />
      </div>
      <ProblemAlert error={query.error} />
      {query.isPending && <Rows />}
      {query.data && !contacts.length && (
        <div className="card">
          {q ? (
            <EmptyState icon="search" title={t("clients.noneFound", { q })} text={t("clients.noneFoundText")}>
              {addButton}
            </EmptyState>
          ) : (
            <EmptyState
              icon="users"
              title={t(archived ? "clients.noneArchived" : "clients.none")}
              text={t(archived ? "clients.noneArchivedText" : "clients.noneText")}
            >
              {!archived && importButton}
            </EmptyState>
          )}
        </div>
      )}
      {contacts.length > 0 && (
        <ClientList
          contacts={contacts}
          hasMore={query.hasNextPage}
          loadMore={() => query.fetchNextPage()}
          loading={query.isFetchingNextPage}
        />
      )}
      <ContactDrawer opened={adding} onClose={add.close} initialName={q} />
    </Page>
  );
}

function Rows() {
  return (
    <div className="card" aria-hidden="true">
      {[1, 2, 3, 4, 5, 6, 7, 8].map((row) => (
        <div key={row} className={classes.skeleton}>
          <Skeleton circle height={36} />
          <Skeleton height={14} width={`${20 + ((row * 7) % 20)}%`} />
        </div>
      ))}
    </div>
  );
}
