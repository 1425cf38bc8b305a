// SPDX-License-Identifier: Apache-2.0
import { Button, CopyButton, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { User } from "../../api/types";
import { ProblemAlert } from "../ProblemAlert";

/** A link for somebody who cannot sign in any more and wants what is kept of their accounts erased. */
export function ErasureLink({ user }: { user: User }) {
  const { t } = useTranslation();
  const make = useMutation({
    mutationFn: () => unwrap(api.POST("/users/{userId}/erasure-link", { params: { path: { userId: user.id } } })),
  });
  if (!make.data)
    return (
      <Stack gap={4} align="flex-start">
        <ProblemAlert error={make.error} compact />
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => make.mutate()}
          loading={make.isPending}
          data-testid="erasure-link"
        >
          {t("erasure.makeLink")}
        </Button>
      </Stack>
    );
  return (
    <Stack gap={4}>
      <Group align="end" wrap="nowrap">
        <TextInput label={t("erasure.link")} value={make.data.url} readOnly style={{ flex: 1 }} />
        <CopyButton value={make.data.url}>
          {({ copied, copy }) => <Button onClick={copy}>{t(copied ? "common.copied" : "common.copy")}</Button>}
        </CopyButton>
      </Group>
      <Text size="xs" c="dimmed">
        {t("erasure.linkHint", { name: user.name })}
      </Text>
    </Stack>
  );
}
