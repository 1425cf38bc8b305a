// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Plugin } from "../../api/types";
import { useFormats, useMe } from "../../app/session";
import { Icon } from "../../icons";
import { ago } from "../../lib/time";
import { toast } from "../../lib/toast";
import { Section } from "../client/Section";
import { LinkButton } from "../LinkButton";
import classes from "./plugins.module.css";

type Person = NonNullable<Plugin["people"]>[number];
const colors = { connected: "pine", needsReconnect: "orange", revoked: "red" } as const;

/** Who has connected an account and who has not, with a link to send. */
export function PluginPeople({ plugin, people }: { plugin: Plugin; people: Person[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t("plugins.people.title")}>
      <Text size="sm" c="dimmed" mb="sm">
        {t("plugins.people.intro")}
      </Text>
      <ul className={classes.list} data-testid={`people-${plugin.id}`}>
        {people.map((person) => (
          <li key={person.userId}>
            <Line person={person} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Line({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const me = useMe();
  const [link, setLink] = useState("");
  const fine = person.connections.some((item) => item.state === "connected");
  // Not every browser lets a page write to the clipboard; then the link is shown to be copied by hand.
  const copy = () => {
    const address = `${location.origin}/connections`;
    const done = () => toast(t("plugins.people.copied", { name: person.name }));
    if (!navigator.clipboard) setLink(address);
    else navigator.clipboard.writeText(address).then(done, () => setLink(address));
  };
  return (
    <>
      <div className={classes.line}>
        <span>
          {person.name}
          {person.connections.map((item) => (
            <Text key={item.name} size="xs" c="dimmed">
              {item.problem ??
                (item.lastUsedAt
                  ? t("plugins.people.used", { when: ago(item.lastUsedAt, language) })
                  : t("plugins.people.connected", { when: ago(item.connectedAt, language) }))}
            </Text>
          ))}
        </span>
        {person.connections.length === 0 && <Badge color="gray">{t("plugins.people.not")}</Badge>}
        {person.connections.map((item) => (
          <Badge key={item.name} color={colors[item.state]}>
            {t(`plugins.people.state.${item.state}`)}
          </Badge>
        ))}
        {!fine && person.userId === me.user.id && (
          <LinkButton size="xs" to="/connections">
            {t("connections.connect")}
          </LinkButton>
        )}
        {!fine && person.userId !== me.user.id && (
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="link" size={15} />}
            onClick={copy}
            aria-label={t("plugins.people.remindNamed", { name: person.name })}
          >
            {t("plugins.people.remind")}
          </Button>
        )}
      </div>
      {link && (
        <TextInput
          mt={6}
          size="xs"
          readOnly
          label={t("plugins.people.link", { name: person.name })}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
    </>
  );
}
