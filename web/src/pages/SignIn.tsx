// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Checkbox, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, Navigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api, unwrap } from "../api/client";
import { sessionQuery } from "../api/queries";
import { rememberMe } from "../app/session";
import { useTitle } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import classes from "./SignIn.module.css";

/** Only a path of this site: a link must not send someone elsewhere after signing in. */
function ownPath(to: string | undefined): string {
  return to?.startsWith("/") && !to.startsWith("//") && !to.startsWith("/\\") ? to : "/";
}

export default function SignIn() {
  const { t } = useTranslation();
  const { to } = useSearch({ from: "/signin" });
  const { history } = useRouter();
  const { data: session } = useQuery(sessionQuery);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tenant, setTenant] = useState("");
  const [ofAge, setOfAge] = useState(false);
  useTitle(t("signIn.title"));
  const signIn = useMutation({
    mutationFn: () => unwrap(api.POST("/session", { body: { email, password, tenant: tenant || undefined, ofAge } })),
    onSuccess: (me) => {
      rememberMe(me);
      history.replace(ownPath(to));
    },
  });
  if (session?.signedIn && !signIn.isPending && !signIn.isSuccess) return <Navigate to="/" replace />;

  function submit(event: FormEvent) {
    event.preventDefault();
    signIn.mutate();
  }
  const asksAge = signIn.error instanceof ApiError && signIn.error.code === "age_unconfirmed";
  const needsTenant = signIn.error instanceof ApiError && signIn.error.code === "tenant_needed";
  return (
    <main className={classes.page}>
      <form className={classes.box} onSubmit={submit}>
        <img src="/icon.svg" alt="" width={44} height={44} />
        <Title order={1} size={25} mt="md">
          {t("signIn.title")}
        </Title>
        <Text c="dimmed" size="sm" mt={4} mb="lg">
          {t("signIn.intro")}
        </Text>
        <Stack gap="md">
          {session?.setupNeeded && <Alert color="blue">{t("signIn.setupNeeded")}</Alert>}
          {session?.demo && <Alert color="blue">{t("signIn.demo")}</Alert>}
          {asksAge ? (
            <Alert color="blue" role="status">
              {t("problem.age_unconfirmed")}
            </Alert>
          ) : (
            <ProblemAlert error={signIn.error} />
          )}
          <TextInput
            label={t("signIn.email")}
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            size="md"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            data-testid="sign-in-email"
          />
          <PasswordInput
            label={t("signIn.password")}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            size="md"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
            data-testid="sign-in-password"
          />
          {(needsTenant || tenant) && (
            <TextInput
              label={t("signIn.tenant")}
              size="md"
              required
              withAsterisk={false}
              value={tenant}
              onChange={(event) => setTenant(event.currentTarget.value)}
            />
          )}
          {(asksAge || ofAge) && (
            <Checkbox
              label={t("signIn.ofAge")}
              required
              checked={ofAge}
              onChange={(event) => setOfAge(event.currentTarget.checked)}
              data-testid="of-age"
            />
          )}
          <Button type="submit" size="md" fullWidth loading={signIn.isPending} data-testid="sign-in-submit">
            {t("signIn.submit")}
          </Button>
        </Stack>
        <Text size="xs" c="dimmed" mt="xl">
          {t("signIn.privacy")} <Link to="/privacy">{t("privacy.title")}</Link>
        </Text>
      </form>
    </main>
  );
}
