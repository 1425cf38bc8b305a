// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../../api/types";
import { useFormats } from "../../app/session";
import { Icon, type IconName } from "../../icons";
import { birthdayOf } from "../../lib/card";
import { formatDate } from "../../lib/time";
import classes from "./ClientFacts.module.css";
import { Section } from "./Section";

/** What is known about a person, ready to be called, mailed or read out. */
export function ClientFacts({ card }: { card: Card }) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const rows: [IconName, string, ReactNode, string][] = [];
  for (const [key, { number }] of Object.entries(card.phones ?? {})) {
    rows.push([
      "phone",
      t("clients.field.phones"),
      <a key={key} href={`tel:${number.replace(/[^+\d]/g, "")}`} className="num">
        {number}
      </a>,
      key,
    ]);
  }
  for (const [key, { address }] of Object.entries(card.emails ?? {})) {
    rows.push([
      "mail",
      t("clients.field.emails"),
      <a key={key} href={`mailto:${address}`}>
        {address}
      </a>,
      key,
    ]);
  }
  for (const [key, { name }] of Object.entries(card.organizations ?? {}))
    rows.push(["building", t("clients.field.organization"), name, key]);
  for (const [key, { full, components }] of Object.entries(card.addresses ?? {})) {
    rows.push(["pin", t("clients.address"), full || components?.map((part) => part.value).join(", "), key]);
  }
  const birthday = birthdayOf(card);
  if (birthday) {
    rows.push([
      "cake",
      t("clients.field.birthday"),
      formatDate(birthday, language, { day: "numeric", month: "long", year: "numeric" }),
      "birthday",
    ]);
  }
  for (const [key, { note }] of Object.entries(card.notes ?? {}))
    rows.push(["note", t("clients.field.note"), note, key]);
  return (
    <Section title={t("clients.facts")}>
      {!rows.length && (
        <Text size="sm" c="dimmed">
          {t("clients.noFacts")}
        </Text>
      )}
      <dl className={classes.facts}>
        {rows.map(([icon, label, value, key]) => (
          <div key={`${icon}${key}`} className={classes.fact}>
            <dt>
              <Icon name={icon} size={17} />
              <span className="visually-hidden">{label}</span>
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
