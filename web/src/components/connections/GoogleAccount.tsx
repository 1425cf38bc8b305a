// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { DisconnectReceipt, Plugin } from "../../api/types";
import { Icon } from "../../icons";
import { toastError } from "../../lib/toast";
import classes from "./connections.module.css";

interface Props {
  accounts: string[];
  open: Plugin[];
  onConnectAll: () => void;
  onDisconnected: (receipt: DisconnectReceipt) => void;
}

/** The head of the flow: which account, connect everything that is left, or leave altogether. */
export function GoogleAccount({ accounts, open, onConnectAll, onDisconnected }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const disconnect = useMutation({
    mutationFn: (account: string) => unwrap(api.POST("/connections/disconnect-google", { body: { account } })),
    onSuccess: (receipt) => {
      onDisconnected(receipt);
      for (const key of ["connections", "sync", "files", "contacts", "appointments"])
        void client.invalidateQueries({ queryKey: [key] });
    },
    onError: toastError,
  });
  return (
    <section className={`card ${classes.account}`} aria-label="Google">
      <span className={classes.logo}>
        <Icon name="brandGoogle" size={24} />
      </span>
      <div className={classes.grow}>
        <Title order={2} size="h4">
          Google
        </Title>
        {accounts.length === 0 && (
          <Text size="sm" c="dimmed">
            {t("connections.notConnected")}
          </Text>
        )}
        {accounts.map((account) => (
          <Text size="sm" key={account} data-testid="google-account">
            {t("connections.connectedAs", { account })}
          </Text>
        ))}
      </div>
      <Group gap="xs">
        {open.length > 1 && (
          <Button onClick={onConnectAll} data-testid="connect-google">
            {t(accounts.length ? "connections.connectRest" : "connections.connectAll")}
          </Button>
        )}
        {accounts.map((account) => (
          <Button
            key={account}
            variant="default"
            color="red"
            leftSection={<Icon name="unlink" size={17} />}
            loading={disconnect.isPending}
            onClick={() => disconnect.mutate(account)}
            data-testid="disconnect-google"
          >
            {accounts.length > 1 ? t("connections.disconnectAccount", { account }) : t("connections.disconnectGoogle")}
          </Button>
        ))}
      </Group>
    </section>
  );
}
