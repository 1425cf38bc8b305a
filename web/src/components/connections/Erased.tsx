// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { ReceiptFacts } from "./Receipt";

/** What deletion on request took away: a receipt for each account, and how much history went. The reader may not be
 * signed in, so times are in the browser's zone. */
export function Erased({ erasure }: { erasure: Schemas["Erasure"] }) {
  const { t, i18n } = useTranslation();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return (
    <Stack data-testid="erased">
      {erasure.receipts.length === 0 && <Text size="sm">{t("erasure.none")}</Text>}
      {erasure.receipts.map((receipt) => (
        <ReceiptFacts key={receipt.number} receipt={receipt} zone={timeZone} language={i18n.language} />
      ))}
      <Text size="sm">{t("erasure.entries", { count: erasure.entries })}</Text>
    </Stack>
  );
}
