// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schemas, unwrap } from "../../api/client";
import { leavingsQuery } from "../../api/queries";
import { useFormats } from "../../app/session";
import { clock, minuteOf, toLocal } from "../../lib/time";
import { toastError } from "../../lib/toast";
import { ReceiptFacts } from "./Receipt";

/** Disconnects that remove something first: how far they are, and in the end their receipts. */
export function Leavings() {
  const { data } = useQuery(leavingsQuery);
  return data?.map((leaving) =>
    leaving.receipt ? (
      <Over key={leaving.id} leaving={leaving} receipt={leaving.receipt} />
    ) : (
      <UnderWay key={leaving.id} leaving={leaving} />
    ),
  );
}

type Leaving = Schemas["Leaving"];

function UnderWay({ leaving }: { leaving: Leaving }) {
  const { t } = useTranslation();
  const { zone } = useFormats();
  const client = useQueryClient();
  const finish = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/connections/leavings/{leavingId}/finish", { params: { path: { leavingId: leaving.id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["connections"] }),
    onError: toastError,
  });
  const done = leaving.removed + leaving.stayed;
  const until = clock(minuteOf(toLocal(leaving.until, zone)));
  return (
    <Alert
      color={leaving.problem ? "orange" : "indigo"}
      variant={leaving.problem ? "light" : "default"}
      title={t("leaving.title", { name: leaving.pluginNames.join(", ") })}
      data-testid="leaving"
    >
      <Stack gap="xs">
        {leaving.total > 0 && (
          <>
            <Progress value={(100 * done) / leaving.total} aria-label={t("leaving.progress")} />
            <Text size="sm">{t("leaving.done", { done: leaving.removed, count: leaving.total })}</Text>
          </>
        )}
        {leaving.problem && (
          <Text size="sm" data-testid="leaving-problem">
            {t("leaving.problem", { problem: leaving.problem })}
          </Text>
        )}
        <Text size="sm">{t("leaving.until", { until })}</Text>
        <Group>
          <Button size="sm" variant="default" loading={finish.isPending} onClick={() => finish.mutate()}>
            {t("leaving.finish")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function Over({ leaving, receipt }: { leaving: Leaving; receipt: Schemas["DisconnectReceipt"] }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const client = useQueryClient();
  const putAway = useMutation({
    mutationFn: () =>
      unwrap(api.DELETE("/connections/leavings/{leavingId}", { params: { path: { leavingId: leaving.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["connections", "leavings"] }),
    onError: toastError,
  });
  return (
    <section className="card" style={{ padding: "18px 22px" }} aria-label={t("receipt.title")} data-testid="left">
      <Stack>
        <Text fw={620}>{t("receipt.title")}</Text>
        <ReceiptFacts receipt={receipt} zone={zone} language={language} />
        <Group justify="flex-end">
          <Button size="sm" variant="default" loading={putAway.isPending} onClick={() => putAway.mutate()}>
            {t("leaving.putAway")}
          </Button>
        </Group>
      </Stack>
    </section>
  );
}
