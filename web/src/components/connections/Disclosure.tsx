// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { Plugin } from "../../api/types";
import { useMe } from "../../app/session";
import { Icon } from "../../icons";
import { leaveFor } from "../../lib/leave";
import { ProblemAlert } from "../ProblemAlert";
import classes from "./connections.module.css";

export interface Asked {
  plugin: Plugin;
  /** Plugins of the guided flow that come after this one. */
  rest: string[];
  /** Only these scopes ("grant just this"). */
  scopes?: string[];
  account?: string;
}

interface Props {
  asked: Asked | undefined;
  accountHint?: string;
  onClose: () => void;
}

/** Our own disclosure, always before Google's consent page: what, why, where it is kept, who sees it, how to leave. */
export function Disclosure({ asked, onClose, accountHint }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={Boolean(asked)}
      onClose={onClose}
      size="lg"
      title={asked ? t("disclosure.title", { name: asked.plugin.name }) : ""}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {asked && <Content asked={asked} onClose={onClose} accountHint={accountHint} />}
    </Modal>
  );
}

function Content({ asked, onClose, accountHint }: Props & { asked: Asked }) {
  const { t } = useTranslation();
  const { googleSimulator } = useMe();
  const { plugin, rest } = asked;
  const wanted = plugin.asks.connections.find((item) => item.kind === "oauth2");
  const scopes = wanted?.scopes.filter((item) => !asked.scopes || asked.scopes.includes(item.scope)) ?? [];
  const begin = useMutation({
    mutationFn: () => {
      const returnTo = rest.length ? `/connections?${new URLSearchParams({ flow: rest.join(",") })}` : "/connections";
      const body = {
        plugin: plugin.id,
        connection: wanted?.name,
        scopes: asked.scopes,
        loginHint: asked.account ?? accountHint,
        returnTo,
      };
      return unwrap(api.POST("/connections/begin", { body }));
    },
    onSuccess: (begun) => leaveFor(begun.authorizationUrl),
  });
  return (
    <Stack>
      {rest.length > 0 && (
        <Text size="sm" c="dimmed">
          {t("disclosure.step", { count: rest.length })}
        </Text>
      )}
      <dl className={classes.answers}>
        <div>
          <dt>{t("disclosure.what")}</dt>
          <dd>
            <ul>
              {scopes.map((item) => (
                <li key={item.scope}>
                  {item.reason}
                  {item.optional && ` (${t("disclosure.optional")})`}
                </li>
              ))}
            </ul>
          </dd>
        </div>
        <div>
          <dt>{t("disclosure.why")}</dt>
          <dd>{wanted?.reason}</dd>
        </div>
        <div>
          <dt>{t("disclosure.where")}</dt>
          <dd>{t("disclosure.whereText")}</dd>
        </div>
        <div>
          <dt>{t("disclosure.who")}</dt>
          <dd>{t("disclosure.whoText")}</dd>
        </div>
        <div>
          <dt>{t("disclosure.leave")}</dt>
          <dd>{t("disclosure.leaveText")}</dd>
        </div>
      </dl>
      {googleSimulator && (
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
          loading={begin.isPending || begin.isSuccess}
          onClick={() => begin.mutate()}
          data-testid={`continue-${plugin.id}`}
        >
          {t("disclosure.continue")}
        </Button>
      </Group>
    </Stack>
  );
}
