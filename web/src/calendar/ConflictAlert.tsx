// SPDX-License-Identifier: Apache-2.0
import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { staffQuery } from "../api/queries";
import { useFormats } from "../app/session";
import { ProblemAlert } from "../components/ProblemAlert";
import { Icon } from "../icons";
import { conflictsOf, conflictText } from "../lib/problem";

/** A refused booking in words, with what is in the way; any other error as usual. */
export function ConflictAlert({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const { zone } = useFormats();
  const { data: staff } = useQuery(staffQuery());
  const conflicts = conflictsOf(error);
  if (!conflicts.length) return <ProblemAlert error={error} compact />;
  return (
    <Alert color="orange" icon={<Icon name="alert" />} role="alert" p="xs" data-testid="conflict">
      {conflicts.map((conflict) => (
        <Text size="sm" key={`${conflict.id}${conflict.startsAt}`}>
          {conflictText(t, conflict, staff ?? [], zone)}
        </Text>
      ))}
      <Text size="sm">{t("calendar.conflictAdvice")}</Text>
    </Alert>
  );
}
