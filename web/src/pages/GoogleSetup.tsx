// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Code, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api, setCsrfToken, unwrap } from "../api/client";
import type { GoogleSetup as Setup } from "../api/types";
import { Checks } from "../components/googleSetup/Checks";
import { ClientForm } from "../components/googleSetup/ClientForm";
import classes from "../components/googleSetup/googleSetup.module.css";
import { Step } from "../components/googleSetup/Step";
import { Steps } from "../components/googleSetup/Steps";
import { StoredClient } from "../components/googleSetup/StoredClient";
import { useTitle } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";

const key = ["google-setup"];

const view = () => unwrap(api.GET("/setup/google"));
const isCode = (error: unknown, ...codes: string[]) => error instanceof ApiError && codes.includes(error.code);

/** A link that was opened twice still shows the page to the browser that spent it. */
async function redeem(token: string): Promise<Setup> {
  try {
    return await unwrap(api.POST("/setup/google/session", { body: { token } }));
  } catch (error) {
    if (!isCode(error, "setup_link_expired")) throw error;
    return view().catch(() => {
      throw error;
    });
  }
}

/** The token stands after the #, which browsers send nowhere; it works once and leaves the address bar. */
async function open(): Promise<Setup> {
  const token = location.hash.slice(1);
  const setup = token ? await redeem(token) : await view();
  history.replaceState(history.state, "", location.pathname);
  setCsrfToken(setup.csrfToken);
  return setup;
}

/** For whoever runs the server: everything that real Google needs, in order, and how it stands. */
export default function GoogleSetup() {
  const { t } = useTranslation();
  useTitle(t("googleSetup.title"));
  const client = useQueryClient();
  const [closed, setClosed] = useState(false);
  const setup = useQuery({ queryKey: key, queryFn: open, retry: false, staleTime: Number.POSITIVE_INFINITY });
  const show = (now: Setup) => client.setQueryData(key, now);
  const check = useMutation({
    mutationFn: () => unwrap(api.POST("/setup/google/check")),
    onSuccess: show,
  });
  const close = useMutation({
    mutationFn: () => unwrap(api.DELETE("/setup/google/session")),
    onSuccess: () => setClosed(true),
  });
  const opened = setup.isSuccess;
  const { mutate: ask } = check;
  useEffect(() => {
    if (opened) ask();
  }, [opened, ask]);
  return (
    <main className={classes.page}>
      <Stack gap="lg">
        <div>
          <Title order={1} size={28}>
            {t("googleSetup.title")}
          </Title>
          {opened && !closed && (
            <Text c="dimmed" mt={6}>
              {t("googleSetup.intro")}
            </Text>
          )}
        </div>
        {setup.isPending && <Skeleton height={240} radius="lg" aria-label={t("googleSetup.opening")} />}
        {(setup.error || closed) && <Closed error={closed ? undefined : setup.error} />}
        {setup.data && !closed && (
          <>
            <Opened setup={setup.data} onChanged={show} />
            <Step number={7} title={t("googleSetup.check.title")}>
              <Checks setup={setup.data} busy={check.isPending} onCheck={() => check.mutate()} />
              <ProblemAlert error={check.error} />
            </Step>
            <Step number={8} title={t("googleSetup.done.title")}>
              <Text size="sm">{t("googleSetup.done.text")}</Text>
              <ProblemAlert error={close.error} />
              <div>
                <Button loading={close.isPending} onClick={() => close.mutate()} data-testid="close-setup">
                  {t("googleSetup.done.close")}
                </Button>
              </div>
            </Step>
          </>
        )}
      </Stack>
    </main>
  );
}

function Closed({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (error && !isCode(error, "setup_link_needed", "setup_link_expired")) return <ProblemAlert error={error} />;
  return (
    <Stack gap="sm">
      {isCode(error, "setup_link_expired") && <ProblemAlert error={error} />}
      <Text>{t(error ? "googleSetup.noLink" : "googleSetup.done.closed")}</Text>
      <Code block>portico google setup --data /var/lib/portico</Code>
      <Text size="sm" c="dimmed">
        {t("googleSetup.noLinkMore")}
      </Text>
    </Stack>
  );
}

function Opened({ setup, onChanged }: { setup: Setup; onChanged: (setup: Setup) => void }) {
  const { t } = useTranslation();
  const [changing, setChanging] = useState(false);
  const [saved, setSaved] = useState(false);
  const { source, connections, waiting } = setup.client;
  const known = setup.checks.find((item) => item.name === "known")?.state;
  return (
    <>
      {setup.simulated && <Alert variant="default">{t("googleSetup.simulated")}</Alert>}
      {location.origin !== setup.publicUrl && (
        <Alert color="yellow" data-testid="wrong-address">
          {t("googleSetup.wrongAddress", { here: location.origin, url: setup.publicUrl })}
        </Alert>
      )}
      {source === "none" ? (
        <Steps setup={setup} />
      ) : (
        <details className={classes.folded} data-testid="steps">
          <summary>{t("googleSetup.atGoogle")}</summary>
          <Stack gap="lg" mt="md">
            <Steps setup={setup} />
          </Stack>
        </details>
      )}
      <Step number={6} title={t("googleSetup.enter.title")}>
        {source === "configuration" && (
          <Alert variant="default" title={t("googleSetup.configuredTitle")} data-testid="configured">
            {t("googleSetup.configured")}
          </Alert>
        )}
        {source === "stored" && !changing && (
          <StoredClient setup={setup} onChange={() => setChanging(true)} onForgotten={onChanged} />
        )}
        {(source === "none" || (source === "stored" && changing)) && (
          <ClientForm
            setup={setup}
            onSaved={(now) => {
              setChanging(false);
              setSaved(true);
              onChanged(now);
            }}
            onCancel={changing ? () => setChanging(false) : undefined}
          />
        )}
        {saved && source === "stored" && !changing && (
          <Alert color={known === "ok" ? "pine" : "yellow"} role="status" data-testid="saved">
            {t(known === "ok" ? "googleSetup.enter.saved" : "googleSetup.enter.savedUnasked")}
          </Alert>
        )}
        {connections > 0 && <Text size="sm">{t("googleSetup.enter.connections", { number: connections })}</Text>}
        {waiting > 0 && <Text size="sm">{t("googleSetup.enter.waiting", { number: waiting })}</Text>}
      </Step>
    </>
  );
}
