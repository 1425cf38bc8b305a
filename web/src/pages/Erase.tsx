// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Erased } from "../components/connections/Erased";
import { useTitle } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import classes from "./SignIn.module.css";

/** Deletion on request without signing in: what is kept, one button, the receipts. */
export default function Erase() {
  const { t } = useTranslation();
  const { token = "" } = useSearch({ from: "/erase" });
  useTitle(t("erasure.title"));
  const view = useQuery({
    queryKey: ["erasure", token],
    queryFn: () => unwrap(api.POST("/erasure/view", { body: { token } })),
    enabled: Boolean(token),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const erase = useMutation({
    mutationFn: () => unwrap(api.POST("/erasure", { body: { token, ifUnreachable: "retry" } })),
  });
  return (
    <main className={classes.page}>
      <div className={`${classes.box} ${classes.wide}`}>
        <Title order={1} size={25} mb="md">
          {t(erase.data ? "erasure.done" : "erasure.title")}
        </Title>
        {!token && <Alert color="yellow">{t("erasure.noToken")}</Alert>}
        {token && view.isPending && <Skeleton height={120} radius="md" />}
        <ProblemAlert error={view.error ?? erase.error} />
        {erase.data && <Erased erasure={erase.data} />}
        {view.data && !erase.data && (
          <Stack>
            <Text size="sm">{t("erasure.kept", { name: view.data.name, business: view.data.business })}</Text>
            {view.data.accounts.length > 0 ? (
              <ul style={{ margin: 0 }}>
                {view.data.accounts.map((item) => (
                  <li key={item.pluginName + item.account}>
                    <Text size="sm">{t("erasure.account", { plugin: item.pluginName, account: item.account })}</Text>
                  </li>
                ))}
              </ul>
            ) : (
              <Text size="sm">{t("erasure.noAccounts")}</Text>
            )}
            <Text size="sm">{t("erasure.goes")}</Text>
            <Text size="sm">{t("erasure.stays")}</Text>
            <Button color="red.9" onClick={() => erase.mutate()} loading={erase.isPending} data-testid="erase-confirm">
              {t("erasure.confirm")}
            </Button>
          </Stack>
        )}
      </div>
    </main>
  );
}
