// SPDX-License-Identifier: Apache-2.0
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { sharingQuery } from "../../api/queries";
import type { Connection, PasswordForm as Form, Plugin } from "../../api/types";
import { useFormats, useMe } from "../../app/session";
import { Icon } from "../../icons";
import { leaveFor } from "../../lib/leave";
import { mayChoose, scopesToAsk, setOf } from "../../lib/scopes";
import { fieldsText, providerName, useSetSharing } from "../../lib/sharing";
import { ProblemAlert } from "../ProblemAlert";
import { RadioChoice } from "../RadioChoice";
import classes from "./connections.module.css";
import { PasswordForm } from "./PasswordForm";

export interface Asked {
  plugin: Plugin;
  /** Plugins of the guided flow that come after this one. */
  rest: string[];
  /** Only these scopes ("grant just this"). */
  scopes?: string[];
  account?: string;
  /** One more account is wanted: Google asks which. */
  anotherAccount?: boolean;
}

interface Props {
  asked: Asked | undefined;
  accountHint?: string;
  /** What the person has connected already. */
  mine: Connection[];
  onClose: () => void;
}

/** Our own disclosure, always before Google's consent page or a password: what, why, where it is kept, who sees it, how to leave. */
export function Disclosure({ asked, ...props }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={Boolean(asked)}
      onClose={props.onClose}
      size="lg"
      title={asked ? t("disclosure.title", { name: asked.plugin.name }) : ""}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {asked && <Content asked={asked} {...props} />}
    </Modal>
  );
}

function Content({ asked, onClose, accountHint, mine }: Props & { asked: Asked }) {
  const { t } = useTranslation();
  const { googleSimulator } = useMe();
  const { language } = useFormats();
  const { plugin, rest } = asked;
  const { data: sharing } = useQuery(sharingQuery);
  const wishes = sharing?.filter((item) => item.plugin === plugin.id) ?? [];
  const [answers, setAnswers] = useState<Record<string, boolean>>({});
  const setSharing = useSetSharing();
  const [form, setForm] = useState<Form>();
  const wanted = plugin.asks.connections.find((item) => item.kind !== "none");
  const byPassword = wanted?.kind === "basic";
  const server = wanted?.server ?? "";
  const held = mine.find((item) => item.plugin === plugin.id && item.account === asked.account);
  const choice = wanted && !asked.scopes && mayChoose(wanted, held) ? wanted.scopeSets : [];
  const [chosen, setChosen] = useState(choice[0]?.name);
  const scopes = wanted
    ? scopesToAsk(wanted, chosen, held).filter((item) => !asked.scopes || asked.scopes.includes(item.scope))
    : [];
  const begin = useMutation({
    mutationFn: async () => {
      for (const item of wishes) {
        const allowed = answers[item.permission] ?? item.allowed;
        if (allowed !== item.allowed) await setSharing.mutateAsync({ item, allowed });
      }
      const returnTo = rest.length ? `/connections?${new URLSearchParams({ flow: rest.join(",") })}` : "/connections";
      const body = {
        plugin: plugin.id,
        connection: wanted?.name,
        scopes: asked.scopes,
        scopeSet: chosen,
        loginHint: byPassword || asked.anotherAccount ? undefined : (asked.account ?? accountHint),
        anotherAccount: asked.anotherAccount,
        returnTo,
      };
      return unwrap(api.POST("/connections/begin", { body }));
    },
    onSuccess: (begun) => {
      if (begun.password) setForm(begun.password);
      else if (begun.authorizationUrl) leaveFor(begun.authorizationUrl);
    },
  });
  if (form && wanted) {
    return (
      <PasswordForm
        plugin={plugin}
        connection={wanted.name}
        form={form}
        userName={asked.account}
        onDone={onClose}
        onBack={onClose}
      />
    );
  }
  return (
    <Stack>
      {rest.length > 0 && (
        <Text size="sm" c="dimmed">
          {t("disclosure.step", { count: rest.length })}
        </Text>
      )}
      {chosen && (
        <RadioChoice
          label={t("disclosure.choice")}
          value={chosen}
          onChange={setChosen}
          options={choice.map((set) => ({ value: set.name, label: set.title, description: set.reason }))}
        />
      )}
      <dl className={classes.answers}>
        <div>
          <dt>{t("disclosure.what")}</dt>
          <dd>
            <ul>
              {scopes.map((item) => (
                <li key={item.scope}>
                  {item.reason}
                  {item.optional && wanted && !setOf(wanted, item.scope) && ` (${t("disclosure.optional")})`}
                </li>
              ))}
              {byPassword && <li>{t("password.asked", { server })}</li>}
              {byPassword && plugin.asks.records.map((item) => <li key={item.kind}>{item.reason}</li>)}
            </ul>
          </dd>
        </div>
        <div>
          <dt>{t("disclosure.why")}</dt>
          <dd>{wanted?.reason}</dd>
        </div>
        <div>
          <dt>{t("disclosure.where")}</dt>
          <dd>{byPassword ? t("password.whereText") : t("disclosure.whereText")}</dd>
        </div>
        <div>
          <dt>{t("disclosure.who")}</dt>
          <dd>{byPassword ? t("password.whoText", { server }) : t("disclosure.whoText")}</dd>
        </div>
        <div>
          <dt>{t("disclosure.leave")}</dt>
          <dd>{byPassword ? t("password.leaveText") : t("disclosure.leaveText")}</dd>
        </div>
      </dl>
      {wishes.map((item) => (
        <Checkbox
          key={item.permission}
          checked={answers[item.permission] ?? item.allowed}
          onChange={(event) => setAnswers({ ...answers, [item.permission]: event.currentTarget.checked })}
          label={t("disclosure.sharing", {
            name: plugin.name,
            provider: providerName(item.provider),
            fields: fieldsText(t, item.fields, language),
          })}
          description={`${item.reason} ${t("connections.sharing.destination", { destination: item.destination })} ${t("disclosure.sharingLater")}`}
        />
      ))}
      {googleSimulator && !byPassword && (
        <Text size="sm" c="var(--warn)">
          {t("disclosure.simulator")}
        </Text>
      )}
      <ProblemAlert error={begin.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t("disclosure.notNow")}
        </Button>
        <Button
          rightSection={<Icon name="arrowRight" />}
          loading={begin.isPending || (begin.isSuccess && !byPassword)}
          onClick={() => begin.mutate()}
          data-testid={`continue-${plugin.id}`}
        >
          {t(byPassword ? "password.continue" : "disclosure.continue")}
        </Button>
      </Group>
    </Stack>
  );
}
