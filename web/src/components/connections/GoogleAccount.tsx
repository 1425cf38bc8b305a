// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Connection, DisconnectReceipt, Plugin } from "../../api/types";
import { Icon } from "../../icons";
import classes from "./connections.module.css";
import { useLeaving } from "./LeaveDialog";

interface Props {
  connections: Connection[];
  open: Plugin[];
  onConnectAll: () => void;
  onDisconnected: (receipt: DisconnectReceipt) => void;
}

/** The head of the flow: which account, connect everything that is left, or leave altogether. */
export function GoogleAccount({ connections, open, onConnectAll, onDisconnected }: Props) {
  const { t } = useTranslation();
  // One connection stands for each account.
  const accounts = [...new Map(connections.map((connection) => [connection.account, connection])).values()];
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
        {accounts.map(({ account }) => (
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
        {accounts.map((connection) => (
          <LeaveAccount
            key={connection.account}
            connection={connection}
            only={accounts.length === 1}
            onDisconnected={onDisconnected}
          />
        ))}
      </Group>
    </section>
  );
}

function LeaveAccount({
  connection,
  only,
  onDisconnected,
}: {
  connection: Connection;
  only: boolean;
  onDisconnected: (receipt: DisconnectReceipt) => void;
}) {
  const { t } = useTranslation();
  const { account, id, leaving } = connection;
  const { leave, busy, dialog } = useLeaving(
    { connectionId: id, account, name: only ? "Google" : account, whole: true },
    onDisconnected,
  );
  return (
    <>
      <Button
        variant="default"
        color="red"
        leftSection={<Icon name="unlink" size={17} />}
        loading={busy}
        disabled={leaving}
        onClick={leave}
        data-testid="disconnect-google"
      >
        {only ? t("connections.disconnectGoogle") : t("connections.disconnectAccount", { account })}
      </Button>
      {dialog}
    </>
  );
}
