// SPDX-License-Identifier: Apache-2.0
import { Alert, Anchor, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { connectionsQuery, googleReadinessQuery, pluginsQuery } from "../api/queries";
import type { DisconnectReceipt } from "../api/types";
import { useMe, useRole } from "../app/session";
import { ConnectionCard } from "../components/connections/ConnectionCard";
import { type Asked, Disclosure } from "../components/connections/Disclosure";
import { GoogleAccount } from "../components/connections/GoogleAccount";
import { History } from "../components/connections/History";
import { Leavings } from "../components/connections/Leavings";
import { OtherAccount } from "../components/connections/OtherAccount";
import { PassingOn } from "../components/connections/PassingOn";
import { Receipt } from "../components/connections/Receipt";
import { SyncHealth } from "../components/connections/SyncHealth";
import { EmptyState } from "../components/EmptyState";
import { Page } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { Icon } from "../icons";
import { toast } from "../lib/toast";

export default function Connections() {
  const { t } = useTranslation();
  const { googleSimulator } = useMe();
  const { isAdmin } = useRole();
  const search = useSearch({ from: "/shell/connections" });
  const navigate = useNavigate();
  const plugins = useQuery(pluginsQuery);
  const connections = useQuery(connectionsQuery);
  const readiness = useQuery(googleReadinessQuery);
  const [asked, setAsked] = useState<Asked>();
  const [receipt, setReceipt] = useState<DisconnectReceipt>();
  const [problem, setProblem] = useState<ApiError>();

  const usable =
    plugins.data?.filter((plugin) => plugin.enabled && plugin.asks.connections.some((item) => item.kind !== "none")) ??
    [];
  const google = usable.filter((plugin) => plugin.asks.connections.some((item) => item.kind === "oauth2"));
  const mine = connections.data ?? [];
  const notSetUp = google.length > 0 && readiness.data?.ready === false;
  // Without Google there is nothing to begin; what is there already can still be removed.
  const shown = notSetUp
    ? usable.filter((plugin) => !google.includes(plugin) || mine.some((item) => item.plugin === plugin.id))
    : usable;
  const open = google.filter((plugin) => !mine.some((item) => item.plugin === plugin.id && item.state === "connected"));

  // Back from Google: say what happened, and go on with the next plugin of the guided flow.
  useEffect(() => {
    if ((!search.connected && !search.problem && !search.otherAccount) || !plugins.data) return;
    const connected = plugins.data.find((plugin) => plugin.id === search.connected);
    if (connected) toast(t("connections.connectedToast", { name: connected.name }));
    if (search.problem) {
      setProblem(new ApiError({ type: "", title: "", detail: "", instance: "", status: 400, code: search.problem }));
    }
    const [next, ...rest] = search.flow?.split(",") ?? [];
    const plugin = search.connected ? plugins.data.find((item) => item.id === next) : undefined;
    if (plugin) setAsked({ plugin, rest });
    void navigate({ to: "/connections", search: {}, replace: true });
  }, [search, plugins.data, navigate, t]);

  return (
    <Page title={t("connections.title")} intro={t("connections.intro")}>
      <Stack gap="lg">
        {googleSimulator && (
          <Alert
            variant="default"
            color="indigo"
            icon={<Icon name="info" />}
            title={t("connections.simulatorTitle")}
            data-testid="google-simulator"
          >
            {t("connections.simulator")}
            <Anchor display="block" mt={4} href={googleSimulator} target="_blank" rel="noreferrer" size="sm">
              {t("connections.simulatorLink")}
            </Anchor>
          </Alert>
        )}
        <ProblemAlert error={problem ?? plugins.error ?? connections.error} />
        {(plugins.isPending || connections.isPending) && <Skeleton height={240} radius="lg" />}
        {plugins.data && !usable.length && (
          <div className="card">
            <EmptyState icon="puzzle" title={t("connections.nonePossible")} text={t("connections.nonePossibleText")} />
          </div>
        )}
        <Leavings />
        {plugins.data && connections.data && usable.length > 0 && (
          <>
            {notSetUp && (
              <div className="card" data-testid="google-not-set-up">
                <EmptyState
                  icon="brandGoogle"
                  title={t("connections.notSetUp")}
                  text={t(isAdmin ? "connections.notSetUpAdmin" : "connections.notSetUpText")}
                />
              </div>
            )}
            {google.length > 0 && (!notSetUp || mine.some((item) => item.kind === "oauth2")) && (
              <GoogleAccount
                connections={mine.filter((item) => item.kind === "oauth2")}
                open={notSetUp ? [] : open}
                onConnectAll={() =>
                  open[0] && setAsked({ plugin: open[0], rest: open.slice(1).map((plugin) => plugin.id) })
                }
                onDisconnected={setReceipt}
              />
            )}
            <Stack gap="md">
              {shown.map((plugin) => (
                <ConnectionCard
                  key={plugin.id}
                  plugin={plugin}
                  connections={mine.filter((item) => item.plugin === plugin.id)}
                  onConnect={(more) => setAsked({ plugin, rest: [], ...more })}
                  onDisconnected={setReceipt}
                />
              ))}
            </Stack>
            <PassingOn />
            <SyncHealth />
            <History />
          </>
        )}
        {connections.isError && <SyncHealth />}
        <Text size="xs" c="dimmed">
          {t("connections.promise")}
        </Text>
      </Stack>
      <Disclosure
        asked={asked}
        onClose={() => setAsked(undefined)}
        mine={mine}
        accountHint={mine.find((item) => item.kind === "oauth2")?.account}
      />
      <OtherAccount />
      <Receipt receipt={receipt} onClose={() => setReceipt(undefined)} />
    </Page>
  );
}
