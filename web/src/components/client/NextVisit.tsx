// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { appointmentsQuery, staffQuery } from "../../api/queries";
import { useFormats } from "../../app/session";
import { Icon } from "../../icons";
import { clock, formatDate, minuteOf, shortDate, today, toLocal } from "../../lib/time";
import classes from "./NextVisit.module.css";

export function NextVisit({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const { data } = useQuery(appointmentsQuery({ contactId, from: today(zone) }));
  const { data: staff } = useQuery(staffQuery());
  const now = new Date().toISOString();
  const next = data?.find((visit) => visit.status === "confirmed" && visit.endsAt > now);
  if (!next) return null;
  const start = toLocal(next.startsAt, zone);
  return (
    <Link to="/calendar" search={{ date: start.slice(0, 10) }} className={classes.visit}>
      <Icon name="calendar" size={22} />
      <span>
        <Text size="xs" fw={600} component="span" display="block">
          {t("clients.nextVisit")}
        </Text>
        <b>
          {formatDate(start, language, shortDate)}, {clock(minuteOf(start))}
        </b>
        <Text size="sm" component="span" display="block">
          {[next.title, staff?.find((member) => member.id === next.staffId)?.name].filter(Boolean).join(" · ")}
        </Text>
      </span>
    </Link>
  );
}
