// SPDX-License-Identifier: Apache-2.0
import { Alert, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { Icon } from "../icons";
import { problemText } from "../lib/problem";

/** What went wrong in plain words, with the code and request id to quote. Renders nothing without an error. */
export function ProblemAlert({ error, compact = false }: { error: unknown; compact?: boolean }) {
  const { t } = useTranslation();
  if (!error) return null;
  const problem = error instanceof ApiError ? error.problem : undefined;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<Icon name="alert" />}
      role="alert"
      p={compact ? "xs" : "md"}
      data-testid="problem"
    >
      <Text size="sm">{problemText(t, error)}</Text>
      {problem?.errors?.map((item) => (
        <Text size="sm" key={`${item.path}${item.message}`}>
          {item.path.replace(/^\//, "")}: {item.message}
        </Text>
      ))}
      {problem?.code && (
        <Text size="xs" mt={4} className="num">
          {t("problem.quote", { code: problem.code })}
          {problem.instance && ` · ${problem.instance}`}
        </Text>
      )}
    </Alert>
  );
}
