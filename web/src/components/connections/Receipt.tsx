// SPDX-License-Identifier: Apache-2.0
import { Anchor, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { DisconnectReceipt } from "../../api/types";
import { useFormats } from "../../app/session";
import { formatInstant } from "../../lib/time";
import classes from "./connections.module.css";

/** What was removed, what Google was told, and what is left to the user. */
export function Receipt({ receipt, onClose }: { receipt: DisconnectReceipt | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  return (
    <Modal
      opened={Boolean(receipt)}
      onClose={onClose}
      title={t("receipt.title")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {receipt && (
        <Stack data-testid="receipt">
          <ReceiptFacts receipt={receipt} zone={zone} language={language} />
          <Text size="sm">{t("receipt.tokens")}</Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>{t("common.close")}</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

interface FactsProps {
  receipt: DisconnectReceipt;
  zone: string;
  language: string;
}

/** One receipt, for readers who are signed in and for those who are not. */
export function ReceiptFacts({ receipt, zone, language }: FactsProps) {
  const { t } = useTranslation();
  const { clientsKept, clientsRemoved, createdKept, createdRemoved } = receipt.left;
  return (
    <div>
      <dl className={classes.facts}>
        <dt>{t("receipt.number")}</dt>
        <dd className="num">{receipt.number}</dd>
        <dt>{t("receipt.at")}</dt>
        <dd>{formatInstant(receipt.at, zone, language)}</dd>
        {receipt.account && (
          <>
            <dt>{t("receipt.account")}</dt>
            <dd>{receipt.account}</dd>
          </>
        )}
        <dt>{t("receipt.removed")}</dt>
        <dd>{receipt.removed.map((item) => item.pluginName).join(", ")}</dd>
        <dt>{t(receipt.revoked === "nothing" ? "receipt.atServer" : "receipt.atGoogle")}</dt>
        <dd>{t(`receipt.revoked.${receipt.revoked}`)}</dd>
        {clientsKept + clientsRemoved > 0 && (
          <>
            <dt>{t("receipt.clients")}</dt>
            <dd>{t("receipt.count", { removed: clientsRemoved, kept: clientsKept })}</dd>
          </>
        )}
        {createdKept + createdRemoved > 0 && (
          <>
            <dt>{t("receipt.created")}</dt>
            <dd>{t("receipt.count", { removed: createdRemoved, kept: createdKept })}</dd>
          </>
        )}
      </dl>
      {receipt.revokeUrl && (
        <Anchor href={receipt.revokeUrl} target="_blank" rel="noreferrer" size="sm">
          {t("receipt.revokeLink")}
        </Anchor>
      )}
    </div>
  );
}
