// SPDX-License-Identifier: Apache-2.0
import { Alert, Box, Button, Group, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { auditProofQuery } from "../../api/queries";
import type { AuditProof } from "../../api/types";
import { Icon } from "../../icons";
import { Copyable } from "../Copyable";
import { ProblemAlert } from "../ProblemAlert";

const shownDigits = 20; // of the hash: 80 bits
const fingerprint = /^\d{1,18}-[\da-f]{16,64}$/;

/** Proves that no entry of the log is missing or changed, also against a note that was kept outside of the server. */
export function LogCheck() {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" leftSection={<Icon name="shield" />} onClick={open} data-testid="check-log">
        {t("audit.proof.open")}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        size="lg"
        title={t("audit.proof.title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {opened && <Proof />}
      </Modal>
    </>
  );
}

function Proof() {
  const { data, error } = useQuery(auditProofQuery);
  if (error) return <ProblemAlert error={error} />;
  if (!data) return <Skeleton height={160} radius="md" />;
  return (
    <Stack data-testid="log-proof">
      <Verdict proof={data} />
      {data.ok && data.count > 0 && <Outside proof={data} />}
    </Stack>
  );
}

function Verdict({ proof }: { proof: AuditProof }) {
  const { t } = useTranslation();
  if (!proof.problem)
    return (
      <Alert variant="light" icon={<Icon name="check" />}>
        {t("audit.proof.ok", { count: proof.count })}
      </Alert>
    );
  const { seq, code } = proof.problem;
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<Icon name="alert" />}
      title={t("audit.proof.broken", { seq })}
    >
      {t(`audit.proof.what.${code}`)} {t("audit.proof.brokenText")}
    </Alert>
  );
}

function Outside({ proof }: { proof: AuditProof }) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const [bad, setBad] = useState(false);
  const compare = useMutation({
    mutationFn: (noted: string) => unwrap(api.GET("/audit-events/proof", { params: { query: { noted } } })),
  });
  const start = () => {
    const noted = note.trim().toLowerCase();
    setBad(!fingerprint.test(noted));
    if (fingerprint.test(noted)) compare.mutate(noted);
  };
  return (
    <>
      <div>
        <Text size="sm" fw={570} mb={4}>
          {t("audit.proof.fingerprint")}
        </Text>
        <Copyable value={`${proof.seq}-${proof.head.slice(0, shownDigits)}`} testId="log-fingerprint" />
        <Text size="sm" c="dimmed" mt={6}>
          {t("audit.proof.fingerprintText")}
        </Text>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <TextInput
          label={t("audit.proof.noted")}
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value);
            setBad(false);
            compare.reset();
          }}
          error={bad && t("audit.proof.badNote")}
          inputContainer={(input) => (
            <Group gap="xs" wrap="nowrap">
              <Box flex={1}>{input}</Box>
              <Button type="submit" variant="default" loading={compare.isPending}>
                {t("audit.proof.compare")}
              </Button>
            </Group>
          )}
        />
      </form>
      <ProblemAlert error={compare.error} />
      {compare.data && (
        <Alert
          color={compare.data.noted ? undefined : "red"}
          variant="light"
          role="status"
          icon={<Icon name={compare.data.noted ? "check" : "alert"} />}
        >
          {t(compare.data.noted ? "audit.proof.stands" : "audit.proof.gone")}
        </Alert>
      )}
    </>
  );
}
