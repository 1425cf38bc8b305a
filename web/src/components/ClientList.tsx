// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Contact } from "../api/types";
import classes from "./ClientList.module.css";
import { PersonAvatar } from "./PersonAvatar";
import { SyncIcon } from "./SyncChips";

interface Props {
  contacts: Contact[];
  hasMore: boolean;
  loading: boolean;
  loadMore: () => void;
}

const rowHeight = 60;

/** Only the rows near the window exist, so that 5,000 clients scroll like 50. */
export function ClientList({ contacts, hasMore, loading, loadMore }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: contacts.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: offset,
  });
  return (
    <>
      <ul
        ref={list}
        className={`card ${classes.list}`}
        aria-label={t("clients.title")}
        style={{ height: rows.getTotalSize() + 2 }}
      >
        {rows.getVirtualItems().map((row) => {
          const contact = contacts[row.index];
          if (!contact) return null;
          return (
            <li key={contact.id} className={classes.item} style={{ transform: `translateY(${row.start - offset}px)` }}>
              <Row contact={contact} />
            </li>
          );
        })}
      </ul>
      {hasMore && (
        <Button variant="default" mt="md" onClick={loadMore} loading={loading}>
          {t("common.loadMore")}
        </Button>
      )}
    </>
  );
}

function Row({ contact }: { contact: Contact }) {
  const phone = Object.values(contact.card.phones ?? {})[0]?.number;
  const email = Object.values(contact.card.emails ?? {})[0]?.address;
  const organization = Object.values(contact.card.organizations ?? {})[0]?.name;
  return (
    <Link to="/clients/$contactId" params={{ contactId: contact.id }} className={classes.row} data-testid="client-row">
      <PersonAvatar id={contact.id} name={contact.displayName} />
      <span className={classes.name}>
        <b>{contact.displayName}</b>
        <small>{organization || phone || email}</small>
      </span>
      <span className={`${classes.cell} num`}>{phone}</span>
      <span className={classes.cell}>{email}</span>
      <span className={classes.sync}>
        <SyncIcon sync={contact.sync} />
      </span>
    </Link>
  );
}
