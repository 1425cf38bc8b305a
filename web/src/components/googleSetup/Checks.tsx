// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { GoogleSetup, SetupCheck } from "../../api/types";
import { Icon } from "../../icons";
import { GoogleLink } from "./GoogleLink";
import classes from "./googleSetup.module.css";
import { instantText } from "./instantText";

const colors = { ok: "pine", attention: "orange", failing: "red", unknown: "gray" } as const;

/** Each check: how it stands, what was seen, what to do. */
export function Checks({ setup, busy, onCheck }: { setup: GoogleSetup; busy: boolean; onCheck: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm">{t("googleSetup.check.text")}</Text>
      <ul className={classes.list} data-testid="checks">
        {setup.checks.map((check) => (
          <Line key={check.name + (check.values.api ?? "")} check={check} />
        ))}
      </ul>
      <div>
        <Button
          variant="default"
          leftSection={<Icon name="refresh" />}
          loading={busy}
          onClick={onCheck}
          data-testid="check-again"
        >
          {t("googleSetup.check.again")}
        </Button>
      </div>
    </>
  );
}

function Line({ check }: { check: SetupCheck }) {
  const { t } = useTranslation();
  const values: Record<string, string> = { ...check.values };
  if (values.at) values.at = instantText(values.at);
  // The server names the check and what it found; every pair has its words (a test of the server holds that).
  const words = (part: string) =>
    t(`googleSetup.checks.${check.name}.${part}` as "googleSetup.checks.clock.title", { ...values, defaultValue: "" });
  const advice = words(`${check.code}.advice`);
  return (
    <li data-testid={`check-${check.name}`} data-state={check.state} data-code={check.code}>
      <div className={classes.check}>
        <Badge color={colors[check.state]} variant="light" mt={2}>
          {t(`googleSetup.check.states.${check.state}`)}
        </Badge>
        <div>
          <Text size="sm" fw={600}>
            {words("title")}
          </Text>
          <Text size="sm">{words(`${check.code}.seen`)}</Text>
          {advice && (
            <Text size="sm" c="dimmed" mt={2}>
              {advice}
            </Text>
          )}
          {check.link && <GoogleLink href={check.link} label={t("googleSetup.check.fix")} />}
        </div>
      </div>
    </li>
  );
}
