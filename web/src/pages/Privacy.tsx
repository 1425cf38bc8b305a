// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { privacyAddressQuery, privacyQuery, privacyVersionQuery, sessionQuery } from "../api/queries";
import { rememberMe } from "../app/session";
import { useTitle } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { Icon } from "../icons";
import classes from "./Privacy.module.css";

type Page = Awaited<ReturnType<NonNullable<ReturnType<typeof privacyQuery>["queryFn"]>>>;
type Section = Page["sections"][number];

/** Without a business in the address: that of the only one, else it is asked for. */
export function PrivacyFinder() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data, error } = useQuery(privacyAddressQuery);
  const [name, setName] = useState("");
  useTitle(t("privacy.title"));
  useEffect(() => {
    if (data?.slug) void navigate({ to: "/privacy/$slug", params: { slug: data.slug }, replace: true });
  }, [data, navigate]);
  function submit(event: FormEvent) {
    event.preventDefault();
    void navigate({ to: "/privacy/$slug", params: { slug: name.trim().toLowerCase() } });
  }
  return (
    <main className={classes.page}>
      <Title order={1} size={28}>
        {t("privacy.title")}
      </Title>
      <ProblemAlert error={error} />
      {data && !data.slug && (
        <form onSubmit={submit}>
          <Stack maw={420}>
            <Text>{t("privacy.which")}</Text>
            <TextInput
              label={t("privacy.business")}
              description={t("privacy.businessHint")}
              required
              withAsterisk={false}
              autoCapitalize="none"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Group>
              <Button type="submit">{t("privacy.open")}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </main>
  );
}

const dateOf = (at: string) =>
  new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(at),
  );

/** A business's privacy page: for everybody, so nothing here needs a session. The text is English in every language. */
export default function Privacy() {
  const { t } = useTranslation();
  const { slug } = useParams({ from: "/privacy/$slug" });
  const { data, error, isPending } = useQuery(privacyQuery(slug));
  useTitle(data ? `${t("privacy.title")} · ${data.business}` : t("privacy.title"));
  useSeen(slug, data?.number);
  return (
    <main className={classes.page} lang="en">
      <ProblemAlert error={error} />
      {isPending && <Skeleton height={400} />}
      {data && (
        <>
          <header>
            <Text c="dimmed" size="sm">
              {data.business}
            </Text>
            <Title order={1} size={28}>
              Privacy
            </Title>
            <Text size="sm" mt={4} data-testid="last-updated">
              Last Updated: <time dateTime={data.lastUpdated}>{dateOf(data.lastUpdated)}</time>
            </Text>
          </header>
          {!data.controllerNamed && (
            <Alert color="orange" icon={<Icon name="alert" />} data-testid="no-controller">
              Nobody has been named yet who is responsible for this business’s data.
            </Alert>
          )}
          <nav aria-label="Contents">
            <ul className={classes.contents}>
              {data.sections.map((section) => (
                <li key={section.id}>
                  <a href={`#${section.id}`}>{section.title}</a>
                </li>
              ))}
            </ul>
          </nav>
          <Sections sections={data.sections} />
          <Versions page={data} />
          <Link to="/">{t("error.toStart")}</Link>
        </>
      )}
    </main>
  );
}

/** Whoever is signed in to this business and opens its page has seen its newest version. */
function useSeen(slug: string, number: number | undefined) {
  const { data: session } = useQuery(sessionQuery);
  const me = session?.me;
  const news = me?.privacy && me.privacy.slug === slug && !me.privacy.seen && number !== undefined;
  useEffect(() => {
    if (!news || !me?.privacy) return;
    const { privacy } = me;
    unwrap(api.POST("/me/privacy-seen", { body: { number } }))
      .then(() => rememberMe({ ...me, privacy: { ...privacy, seen: true } }))
      .catch(() => undefined); // told again next time
  }, [news, number, me]);
}

function Sections({ sections }: { sections: Section[] }) {
  return sections.map((section) => (
    <section key={section.id} id={section.id} className={classes.section} aria-labelledby={`${section.id}-title`}>
      <Title order={2} size="h4" id={`${section.id}-title`}>
        {section.title}
      </Title>
      <ul className={classes.list}>
        {section.statements.map((statement) => (
          <li key={statement.key}>
            <WithLinks text={statement.text} />
          </li>
        ))}
      </ul>
    </section>
  ));
}

/** The policy of Google that a statement names can be opened; nothing else becomes a link. */
function WithLinks({ text }: { text: string }) {
  const policy = "https://developers.google.com/terms/api-services-user-data-policy";
  const [before, after] = text.split(policy);
  if (after === undefined) return text;
  return (
    <>
      {before}
      <a href={policy} target="_blank" rel="noopener noreferrer">
        {policy}
      </a>
      {after}
    </>
  );
}

function Versions({ page }: { page: Page }) {
  const [open, setOpen] = useState<number>();
  return (
    <section className={classes.section} aria-labelledby="versions-title">
      <Title order={2} size="h4" id="versions-title">
        Versions
      </Title>
      <ul className={classes.versions}>
        {page.versions.map(({ number, at }) => (
          <li key={number}>
            <Button
              size="compact-sm"
              variant="subtle"
              aria-expanded={open === number}
              onClick={() => setOpen(open === number ? undefined : number)}
              data-testid={`version-${number}`}
            >
              {dateOf(at)} (version {number})
            </Button>
            {open === number && <Version slug={page.slug} number={number} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Version({ slug, number }: { slug: string; number: number }) {
  const { data, error } = useQuery(privacyVersionQuery(slug, number));
  if (!data) return <ProblemAlert error={error} compact />;
  const none = !data.added.length && !data.removed.length;
  return (
    <div className={classes.version} data-testid="version">
      {none && <Text size="sm">This was the first version.</Text>}
      <Changes title="New" sign="+" changes={data.added} />
      <Changes title="No longer said" sign="−" changes={data.removed} />
      <details>
        <summary>The whole page as it read then</summary>
        {data.sections.map((section) => (
          <div key={section.id}>
            <Text fw={600} size="sm" mt="xs">
              {section.title}
            </Text>
            <ul className={classes.list}>
              {section.statements.map((statement) => (
                <li key={statement.key}>{statement.text}</li>
              ))}
            </ul>
          </div>
        ))}
      </details>
    </div>
  );
}

function Changes({
  title,
  sign,
  changes,
}: {
  title: string;
  sign: string;
  changes: { section: string; text: string }[];
}) {
  if (!changes.length) return null;
  return (
    <div>
      <Text fw={600} size="sm">
        {title}
      </Text>
      <ul className={classes.list}>
        {changes.map(({ section, text }) => (
          <li key={section + text}>
            {sign} {section}: {text}
          </li>
        ))}
      </ul>
    </div>
  );
}
