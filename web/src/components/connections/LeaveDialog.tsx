// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas, unwrap } from "../../api/client";
import type { DisconnectReceipt } from "../../api/types";
import { toastError } from "../../lib/toast";
import { ProblemAlert } from "../ProblemAlert";
import { RadioChoice } from "../RadioChoice";

type View = Schemas["LeavingView"];
type Keep = "keep" | "remove";

/** What is left: one plugin's connection, or with `whole` everything of its account. */
export interface LeaveTarget {
  connectionId: string;
  account: string;
  name: string;
  whole: boolean;
}
interface Choice {
  imported: Keep;
  created: Keep;
  endFor: "me" | "everyone";
}
const keepAll: Choice = { imported: "keep", created: "keep", endFor: "me" };

/** Disconnects at once when there is nothing to choose, else after asking. Returns the button's action and the dialog. */
export function useLeaving(target: LeaveTarget, onDisconnected: (receipt: DisconnectReceipt) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [view, setView] = useState<View>();
  const end = useMutation({
    mutationFn: (choice: Choice) =>
      target.whole
        ? unwrap(api.POST("/connections/disconnect-google", { body: { account: target.account, ...choice } }))
        : unwrap(
            api.DELETE("/connections/{connectionId}", {
              params: { path: { connectionId: target.connectionId }, query: choice },
            }),
          ),
    onSuccess: (answer) => {
      setView(undefined);
      if ("number" in answer) onDisconnected(answer);
      for (const key of ["connections", "sync", "files", "contacts", "appointments"])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const ask = useMutation({
    mutationFn: () =>
      unwrap(
        api.GET("/connections/{connectionId}/leaving", {
          params: { path: { connectionId: target.connectionId }, query: { whole: target.whole } },
        }),
      ),
    onSuccess: (found) => {
      if (hasChoice(found)) setView(found);
      else end.mutate(keepAll, { onError: toastError });
    },
    onError: toastError,
  });
  const dialog = (
    <Modal
      opened={Boolean(view)}
      onClose={() => setView(undefined)}
      size="lg"
      title={t("leave.title", { name: target.name })}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {view && (
        <Questions
          view={view}
          account={target.account}
          error={end.error}
          busy={end.isPending}
          onCancel={() => setView(undefined)}
          onLeave={(choice) => end.mutate(choice)}
        />
      )}
    </Modal>
  );
  return { leave: () => ask.mutate(), busy: ask.isPending || end.isPending, dialog };
}

const hasChoice = (view: View) =>
  view.clientsImported > view.clientsUsed || view.eventsCreated + view.contactsCreated > 0 || view.sharedHere;

interface QuestionsProps {
  view: View;
  account: string;
  error: unknown;
  busy: boolean;
  onCancel: () => void;
  onLeave: (choice: Choice) => void;
}

function Questions({ view, account, error, busy, onCancel, onLeave }: QuestionsProps) {
  const { t } = useTranslation();
  const [choice, setChoice] = useState(keepAll);
  const unused = view.clientsImported - view.clientsUsed;
  const came =
    t("leave.came", { count: view.clientsImported }) +
    (view.clientsUsed > 0 ? ` ${t("leave.used", { count: view.clientsUsed })}` : "");
  const created = [
    view.eventsCreated > 0 && t("leave.events", { count: view.eventsCreated }),
    view.contactsCreated > 0 && t("leave.contacts", { count: view.contactsCreated }),
  ].filter(Boolean);
  return (
    <Stack gap="lg" data-testid="leave">
      <Text size="sm">{t("leave.intro", { account })}</Text>
      {view.clientsImported > 0 && unused === 0 && <Text size="sm">{came}</Text>}
      {unused > 0 && (
        <RadioChoice
          label={came}
          value={choice.imported}
          onChange={(imported) => setChoice({ ...choice, imported })}
          options={[
            { value: "keep", label: t("leave.keepClients") },
            {
              value: "remove",
              label: t("leave.removeClients", { count: unused }),
              description: t("leave.removeClientsMeans"),
              testId: "leave-imported",
            },
          ]}
        />
      )}
      {created.length > 0 && (
        <RadioChoice
          label={t("leave.created", { what: created.join(t("leave.and")) })}
          value={choice.created}
          onChange={(value) => setChoice({ ...choice, created: value })}
          options={[
            { value: "keep", label: t("leave.keepCreated") },
            {
              value: "remove",
              label: t("leave.removeCreated"),
              description: t("leave.removeCreatedMeans"),
              testId: "leave-created",
            },
          ]}
        />
      )}
      {view.sharedHere && (
        <RadioChoice
          label={t("leave.shared")}
          value={choice.endFor}
          onChange={(endFor) => setChoice({ ...choice, endFor })}
          options={[
            { value: "me", label: t("leave.forMe"), description: t("leave.forMeMeans") },
            {
              value: "everyone",
              label: t("leave.forEveryone"),
              description: t("leave.forEveryoneMeans"),
              testId: "leave-everyone",
            },
          ]}
        />
      )}
      <ProblemAlert error={error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          {t("leave.stay")}
        </Button>
        <Button color="red.9" loading={busy} onClick={() => onLeave(choice)} data-testid="leave-now">
          {t("connections.disconnect")}
        </Button>
      </Group>
    </Stack>
  );
}
