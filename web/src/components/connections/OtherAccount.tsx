// SPDX-License-Identifier: Apache-2.0
import { Button, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiError, api, type Schemas, unwrap } from "../../api/client";
import { otherAccountsQuery } from "../../api/queries";
import { leaveFor } from "../../lib/leave";
import { toast } from "../../lib/toast";
import { ProblemAlert } from "../ProblemAlert";

/** "Connect a different account?": somebody else signed in at Google than expected. Nothing is connected until the user says so. */
export function OtherAccount() {
  const { data } = useQuery(otherAccountsQuery);
  const asked = data?.[0];
  return asked ? <Question key={asked.id} asked={asked} /> : null;
}

/** Answered in another window, or the ten minutes are over. */
const inWords = (error: unknown) =>
  error instanceof ApiError && error.problem.status === 404
    ? new ApiError({ ...error.problem, code: "pending_over" })
    : error;

function Question({ asked }: { asked: Schemas["OtherAccount"] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const params = { path: { pendingId: asked.id } };
  const refresh = () => {
    for (const key of ["connections", "sync"]) void client.invalidateQueries({ queryKey: [key] });
  };
  const accept = useMutation({
    mutationFn: () => unwrap(api.POST("/connections/pending/{pendingId}/accept", { params })),
    onSuccess: ({ returnTo }) => {
      refresh();
      void navigate({ href: returnTo });
    },
  });
  const again = useMutation({
    mutationFn: () => unwrap(api.POST("/connections/pending/{pendingId}/retry", { params })),
    onSuccess: (begun) => begun.authorizationUrl && leaveFor(begun.authorizationUrl),
  });
  const cancel = useMutation({
    mutationFn: () => unwrap(api.POST("/connections/pending/{pendingId}/discard", { params })),
    onSuccess: () => {
      toast(t("otherAccount.cancelled", { account: asked.signedInAs }));
      refresh();
    },
    onError: refresh, // answered in another window, or its time is over
  });
  const busy = accept.isPending || again.isPending || again.isSuccess || cancel.isPending;
  const names = { name: asked.pluginName, account: asked.signedInAs, expected: asked.belongsTo ?? "" };
  return (
    <Modal
      opened
      onClose={() => cancel.mutate()}
      title={t("otherAccount.title")}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("otherAccount.cancel") }}
    >
      <Stack data-testid="other-account">
        <Text style={{ overflowWrap: "anywhere" }}>
          {t(asked.belongsTo ? "otherAccount.signedIn" : "otherAccount.signedInAlone", names)}
        </Text>
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {t(asked.belongsTo ? "otherAccount.means" : "otherAccount.meansAlone", names)}
        </Text>
        <ProblemAlert error={inWords(accept.error ?? again.error)} />
        {asked.belongsTo && (
          <Button
            loading={again.isPending || again.isSuccess}
            disabled={busy}
            onClick={() => again.mutate()}
            data-testid="other-account-retry"
          >
            {t("otherAccount.retry")}
          </Button>
        )}
        <Button
          variant="default"
          loading={accept.isPending}
          disabled={busy}
          onClick={() => accept.mutate()}
          data-testid="other-account-accept"
        >
          {t("otherAccount.accept")}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          loading={cancel.isPending}
          disabled={busy}
          onClick={() => cancel.mutate()}
          data-testid="other-account-cancel"
        >
          {t("otherAccount.cancel")}
        </Button>
        <Text size="xs" c="dimmed">
          {t("otherAccount.kept")}
        </Text>
      </Stack>
    </Modal>
  );
}
