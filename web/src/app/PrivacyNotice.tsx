// SPDX-License-Identifier: Apache-2.0
import { Alert } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Icon } from "../icons";
import { formatDate, numericDate } from "../lib/time";
import { useFormats, useMe } from "./session";

/** A new version of the privacy page is announced until this person has opened it. */
export function PrivacyNotice() {
  const { t } = useTranslation();
  const { language } = useFormats();
  const { privacy } = useMe();
  if (!privacy || privacy.seen) return null;
  return (
    <Alert color="blue" radius={0} icon={<Icon name="shield" />} role="status" data-testid="privacy-news">
      {t("privacy.news", { date: formatDate(privacy.at.slice(0, 10), language, numericDate) })}{" "}
      <Link to="/privacy/$slug" params={{ slug: privacy.slug }}>
        {t("privacy.newsLink")}
      </Link>
    </Alert>
  );
}
