// SPDX-License-Identifier: Apache-2.0
import { Alert, Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Availability, FollowUp } from "../api/types";
import { useFollowUpActions } from "../components/client/ClientFollowUps";
import { Icon } from "../icons";
import classes from "./DayStrip.module.css";

/** Above the grid: the day's follow-ups, and calendars that could not be asked. */
export function DayStrip({ followUps, unknown }: { followUps: FollowUp[]; unknown: Availability["sources"] }) {
  const { t } = useTranslation();
  const { setDone } = useFollowUpActions();
  return (
    <>
      {unknown.map((source) => (
        <Alert
          key={`${source.source}${source.reason}`}
          color="yellow"
          radius={0}
          p="xs"
          icon={<Icon name="cloudOff" />}
        >
          {t("calendar.unknownSource", { source: source.source, reason: source.reason ?? "" })}
        </Alert>
      ))}
      {followUps.length > 0 && (
        <section className={classes.strip} aria-label={t("followUps.title")}>
          <Icon name="bookmark" size={16} />
          {followUps.map((item) => (
            <span key={item.id} className={classes.item}>
              <Checkbox
                size="xs"
                checked={item.done}
                onChange={() => setDone.mutate({ item, done: true })}
                label={[item.time, item.title].filter(Boolean).join(" ")}
              />
              <Link to="/clients/$contactId" params={{ contactId: item.contactId }}>
                {item.contactName}
              </Link>
            </span>
          ))}
        </section>
      )}
    </>
  );
}
