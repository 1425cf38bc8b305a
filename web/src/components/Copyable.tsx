// SPDX-License-Identifier: Apache-2.0
import { Button, Code, CopyButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./Copyable.module.css";

/** Text to be taken over letter by letter. */
export function Copyable({ value, label, testId }: { value: string; label?: string; testId?: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.row}>
      <Code className={classes.code} data-testid={testId}>
        {value}
      </Code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button size="compact-sm" variant="default" onClick={copy}>
            {copied ? t("common.copied") : (label ?? t("common.copy"))}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
