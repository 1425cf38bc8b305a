// SPDX-License-Identifier: Apache-2.0
import { Button, Stack, Title } from "@mantine/core";
import { Link, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "../components/ProblemAlert";

/** A page that failed keeps the shell around it. */
export function PageError({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <Stack p="xl" maw={640}>
      <Title order={1} size="h2">
        {t("error.pageTitle")}
      </Title>
      <ProblemAlert error={error} />
      <Button variant="default" w="fit-content" onClick={() => router.invalidate()}>
        {t("common.tryAgain")}
      </Button>
    </Stack>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Stack p="xl" maw={640} component="main">
      <Title order={1} size="h2">
        {t("error.notFoundTitle")}
      </Title>
      <Link to="/">{t("error.toStart")}</Link>
    </Stack>
  );
}
