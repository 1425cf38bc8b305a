// SPDX-License-Identifier: Apache-2.0
import { Alert, Badge, Button, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Connection, DisconnectReceipt, Plugin } from "../../api/types";
import { useFormats } from "../../app/session";
import { Icon } from "../../icons";
import { ago, formatInstant } from "../../lib/time";
import { AccountStatus } from "../panels/AccountCard";
import { pluginIcon } from "../plugins/icons";
import classes from "./connections.module.css";
import type { Asked } from "./Disclosure";
import { useLeaving } from "./LeaveDialog";
import { ScopeTable } from "./ScopeTable";

interface Props {
  plugin: Plugin;
  connections: Connection[];
  onConnect: (more: Partial<Asked>) => void;
  onDisconnected: (receipt: DisconnectReceipt) => void;
}

const colors = { connected: "pine", needsReconnect: "orange", revoked: "red" } as const;

/** One plugin: what it does, whether it is connected, which scopes were granted, and the ways in and out. */
export function ConnectionCard({ plugin, connections, onConnect, onDisconnected }: Props) {
  const { t } = useTranslation();
  const byPassword = plugin.asks.connections.find((item) => item.kind === "basic");
  const noServer = byPassword !== undefined && !byPassword.server;
  return (
    <section className={`card ${classes.plugin}`} aria-label={plugin.name}>
      <div className={classes.head}>
        <span className={classes.logo}>
          <Icon name={pluginIcon(plugin.id)} size={23} />
        </span>
        <div className={classes.grow}>
          <Title order={3} size="h5">
            {plugin.name}
          </Title>
          <Text size="sm" c="dimmed">
            {plugin.description}
          </Text>
          {byPassword?.server && !connections.length && (
            <Text size="sm" mt={4}>
              {t("password.server", { server: byPassword.server })}
            </Text>
          )}
        </div>
        {!connections.length && (
          <Button
            disabled={noServer}
            onClick={() => onConnect({})}
            data-testid={`connect-${plugin.id}`}
            aria-label={t("connections.connectNamed", { name: plugin.name })}
          >
            {t("connections.connect")}
          </Button>
        )}
      </div>
      {noServer && (
        <Alert mt="sm" p="xs" icon={<Icon name="info" />} data-testid={`no-server-${plugin.id}`}>
          {t("password.noServer")}
        </Alert>
      )}
      {connections.map((connection) => (
        <Connected key={connection.id} connection={connection} onConnect={onConnect} onDisconnected={onDisconnected} />
      ))}
      {!byPassword && connections.some((connection) => !connection.leaving) && (
        <Button
          mt="xs"
          size="compact-sm"
          variant="subtle"
          onClick={() => onConnect({ anotherAccount: true })}
          data-testid={`connect-another-${plugin.id}`}
        >
          {t("connections.connectAnother")}
        </Button>
      )}
      {connections.some((connection) => connection.state === "connected" && !connection.leaving) && (
        <div className={classes.status}>
          <AccountStatus plugin={plugin} />
        </div>
      )}
    </section>
  );
}

function Connected({
  connection,
  onConnect,
  onDisconnected,
}: Omit<Props, "plugin" | "connections"> & { connection: Connection }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const { leave, busy, dialog } = useLeaving(
    { connectionId: connection.id, account: connection.account, name: connection.pluginName, whole: false },
    onDisconnected,
  );
  return (
    <div data-testid={`connection-${connection.plugin}`}>
      <ScopeTable
        connection={connection}
        onGrant={(scope) => onConnect({ scopes: [scope], account: connection.account })}
      />
      {connection.problem && (
        <Alert color="orange" mt="sm" p="xs">
          {connection.problem}
        </Alert>
      )}
      <div className={classes.head} style={{ marginTop: 14, alignItems: "center" }}>
        <Badge color={connection.leaving ? "gray" : colors[connection.state]} size="lg">
          {t(`connections.state.${connection.leaving ? "leaving" : connection.state}`)}
        </Badge>
        <Text size="sm" c="dimmed" className={classes.grow}>
          {connection.server
            ? t("password.accountAt", { account: connection.account, server: connection.server })
            : connection.account}{" "}
          · {t("connections.since", { when: formatInstant(connection.connectedAt, zone, language) })}
          {connection.lastUsedAt && ` · ${t("connections.lastUsed", { when: ago(connection.lastUsedAt, language) })}`}
        </Text>
        {connection.state !== "connected" && !connection.leaving && (
          <Button
            size="sm"
            onClick={() => onConnect({ account: connection.account })}
            data-testid={`connect-${connection.plugin}`}
          >
            {t("connections.reconnect")}
          </Button>
        )}
        <Button
          size="sm"
          variant="default"
          loading={busy}
          disabled={connection.leaving}
          onClick={leave}
          data-testid={`disconnect-${connection.plugin}`}
        >
          {t("connections.disconnect")}
        </Button>
        {dialog}
      </div>
    </div>
  );
}
