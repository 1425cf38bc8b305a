// SPDX-License-Identifier: Apache-2.0
import { Alert, Badge, Button, Group, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Connection } from "../../api/types";
import { useFormats } from "../../app/session";
import { Icon } from "../../icons";
import { ago } from "../../lib/time";
import classes from "./connections.module.css";
import { idleDays, isIdle } from "./idle";

type Scope = Connection["scopes"][number];

/** What was declared, asked for and granted, and when it was last used; in the plugin's plain words. */
export function ScopeTable({ connection, onGrant }: { connection: Connection; onGrant: (scope: string) => void }) {
  const { t } = useTranslation();
  if (!connection.scopes.length) return null;
  const head = ["what", "declared", "requested", "granted", "lastUsed"] as const;
  return (
    <div className={classes.cards}>
      <Table mt="sm" verticalSpacing={6} fz="sm" aria-label={t("connections.granted")}>
        <Table.Thead>
          <Table.Tr>
            {head.map((name) => (
              <Table.Th key={name} scope="col">
                {t(`connections.scope.${name}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {connection.scopes.map((scope) => (
            <Row key={scope.scope} scope={scope} connection={connection} onGrant={onGrant} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Row({
  scope,
  connection,
  onGrant,
}: {
  scope: Scope;
  connection: Connection;
  onGrant: (scope: string) => void;
}) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const yesNo = (yes: boolean) => t(yes ? "connections.scope.yes" : "connections.scope.no");
  const cell = (name: string, value: ReactNode) => (
    <Table.Td data-label={t(`connections.scope.${name as "granted"}`)}>{value}</Table.Td>
  );
  return (
    <Table.Tr data-testid="scope" data-granted={scope.granted}>
      <Table.Td>
        {scope.reason}
        <code className={classes.scopeName}>{scope.scope}</code>
        {isIdle(scope, connection) && (
          <Alert color="orange" p={6} mt={6} icon={<Icon name="alert" />} data-testid="scope-unused">
            <Text size="xs">{t("connections.scope.unused", { days: idleDays })}</Text>
          </Alert>
        )}
      </Table.Td>
      {cell("declared", t(scope.optional ? "connections.scope.onChoice" : "connections.scope.always"))}
      {cell("requested", yesNo(scope.requested))}
      {cell(
        "granted",
        scope.granted ? (
          <Badge>{t("connections.scope.yes")}</Badge>
        ) : (
          <Group gap="xs">
            {t("connections.scope.no")}
            <Button size="compact-sm" variant="light" onClick={() => onGrant(scope.scope)}>
              {t("connections.grantThis")}
            </Button>
          </Group>
        ),
      )}
      {cell("lastUsed", scope.lastUsedAt ? ago(scope.lastUsedAt, language) : t("connections.scope.never"))}
    </Table.Tr>
  );
}
