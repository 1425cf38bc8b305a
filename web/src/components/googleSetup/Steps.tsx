// SPDX-License-Identifier: Apache-2.0
import { Badge, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { GoogleSetup } from "../../api/types";
import { Copyable } from "../Copyable";
import { GoogleLink } from "./GoogleLink";
import classes from "./googleSetup.module.css";
import { Step } from "./Step";

const console = "https://console.cloud.google.com";
const tierColors = { nonSensitive: "pine", sensitive: "orange", restricted: "red", unknown: "gray" } as const;

/** What is done at Google before there is a client id, in the order of the console. */
export function Steps({ setup }: { setup: GoogleSetup }) {
  const { t } = useTranslation();
  const { apis, scopes, verification } = setup.wanted;
  return (
    <>
      <Step number={1} title={t("googleSetup.project.title")}>
        <Text size="sm">{t("googleSetup.project.text")}</Text>
        <GoogleLink href={`${console}/projectcreate`} label={t("googleSetup.project.link")} />
      </Step>
      <Step number={2} title={t("googleSetup.apis.title")}>
        <Text size="sm">{t(apis.length ? "googleSetup.apis.text" : "googleSetup.apis.none")}</Text>
        <ul className={classes.list} data-testid="wanted-apis">
          {apis.map((api) => (
            <li key={api.title}>
              <Text size="sm">
                <strong>{api.title}</strong> {t("googleSetup.apis.needs", { plugins: api.plugins })}
              </Text>
              <GoogleLink href={api.link} label={t("googleSetup.apis.link")} />
            </li>
          ))}
        </ul>
      </Step>
      <Step number={3} title={t("googleSetup.consent.title")}>
        <Text size="sm">{t("googleSetup.consent.text")}</Text>
        <Text size="sm">{t("googleSetup.consent.branding")}</Text>
        <Text size="sm" component="div">
          {t("googleSetup.consent.home")} <Copyable value={setup.publicUrl} />
        </Text>
        <Text size="sm" component="div">
          {t("googleSetup.consent.privacy")} <Copyable value={setup.privacyUrl} />
        </Text>
        <Text size="sm">{t("googleSetup.consent.audience")}</Text>
        <GoogleLink href={`${console}/auth/overview`} label={t("googleSetup.consent.link")} />
      </Step>
      <Step number={4} title={t("googleSetup.scopes.title")}>
        <Text size="sm">{t("googleSetup.scopes.text")}</Text>
        <ul className={classes.list} data-testid="wanted-scopes">
          {scopes.map((scope) => (
            <li key={scope.name}>
              <Copyable value={scope.name} />
              <Badge size="sm" mt={6} color={tierColors[scope.tier]} variant="light">
                {t(`googleSetup.scopes.tiers.${scope.tier}`)}
              </Badge>{" "}
              {scope.optional && (
                <Badge size="sm" mt={6} color="gray" variant="light">
                  {t("googleSetup.scopes.optional")}
                </Badge>
              )}
              <Text size="sm" c="dimmed" mt={4}>
                {t("googleSetup.scopes.for", { plugins: scope.plugins, reason: scope.reason })}
              </Text>
            </li>
          ))}
        </ul>
        {scopes.length > 1 && (
          <Copyable value={scopes.map((scope) => scope.name).join("\n")} label={t("googleSetup.scopes.copyAll")} />
        )}
        <Text size="sm" data-testid="verification">
          {t(`googleSetup.scopes.verification.${verification}`)}
        </Text>
        <GoogleLink href={`${console}/auth/scopes`} label={t("googleSetup.scopes.link")} />
      </Step>
      <Step number={5} title={t("googleSetup.client.title")}>
        <Text size="sm">{t("googleSetup.client.text")}</Text>
        <Copyable value={setup.redirectUri} testId="redirect-uri" />
        <GoogleLink href={`${console}/auth/clients`} label={t("googleSetup.client.link")} />
        <Text size="sm">{t("googleSetup.client.after")}</Text>
      </Step>
    </>
  );
}
