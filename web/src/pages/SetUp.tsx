// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Checkbox, PasswordInput, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { rememberMe } from "../app/session";
import { useTitle } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import classes from "./SignIn.module.css";

const zones = Intl.supportedValuesOf("timeZone");

/** The one-use link that the first start prints: the business and its owner. */
export default function SetUp() {
  const { t } = useTranslation();
  const { token } = useSearch({ from: "/setup" });
  const { history } = useRouter();
  const [form, setForm] = useState({
    tenantName: "",
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    currency: "EUR",
    name: "",
    email: "",
    password: "",
  });
  const [ofAge, setOfAge] = useState(false);
  useTitle(t("setup.title"));
  const create = useMutation({
    mutationFn: () => unwrap(api.POST("/setup", { body: { ...form, ofAge, token: token ?? "" } })),
    onSuccess: (me) => {
      rememberMe(me);
      history.replace("/settings?tab=staff");
    },
  });
  const field = (name: keyof typeof form) => ({
    label: t(`setup.${name}`),
    value: form[name],
    required: true,
    withAsterisk: false,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setForm((old) => ({ ...old, [name]: value }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }
  return (
    <main className={classes.page}>
      <form className={`${classes.box} ${classes.wide}`} onSubmit={submit}>
        <Title order={1} size={25}>
          {t("setup.title")}
        </Title>
        <Text c="dimmed" size="sm" mt={4} mb="lg">
          {t("setup.intro")}
        </Text>
        <Stack>
          {!token && <Alert color="yellow">{t("setup.noToken")}</Alert>}
          <ProblemAlert error={create.error} />
          <TextInput {...field("tenantName")} autoComplete="organization" />
          <Select
            label={t("setup.timeZone")}
            data={zones}
            searchable
            allowDeselect={false}
            value={form.timeZone}
            onChange={(value) => value && setForm((old) => ({ ...old, timeZone: value }))}
          />
          <TextInput {...field("currency")} maxLength={3} />
          <TextInput {...field("name")} autoComplete="name" />
          <TextInput {...field("email")} type="email" autoComplete="username" />
          <PasswordInput
            {...field("password")}
            description={t("setup.passwordHint")}
            autoComplete="new-password"
            minLength={10}
          />
          <Checkbox
            label={t("signIn.ofAge")}
            required
            checked={ofAge}
            onChange={(event) => setOfAge(event.currentTarget.checked)}
          />
          <Button type="submit" size="md" loading={create.isPending}>
            {t("setup.submit")}
          </Button>
        </Stack>
      </form>
    </main>
  );
}
