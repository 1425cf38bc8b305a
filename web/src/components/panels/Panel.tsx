// SPDX-License-Identifier: Apache-2.0
// One place where a plugin draws. Loads after the page and by itself; whatever goes wrong with it (a refusal, a tree
// that cannot be drawn) stays in its box.
import { Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { Component, lazy, type ReactNode, Suspense, useId } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api, unwrap } from "../../api/client";
import { Icon } from "../../icons";
import { problemText } from "../../lib/problem";
import { type Contributed, iconOf, useContributions } from "./contributions";
import classes from "./Tree.module.css";
import type { Point } from "./tree";

// Fetched when the first panel has something to show: most pages have none.
const Tree = lazy(() => import("./Tree"));

export interface Subject {
  contact?: string;
  appointment?: string;
}

const nothing: Subject = {};

function usePanel(plugin: string, point: Point, subject: Subject) {
  const [name = "", version = ""] = point.split("/");
  const locale = i18next.language;
  return useQuery({
    queryKey: ["panel", plugin, point, subject, locale],
    retry: false,
    staleTime: 60_000,
    queryFn: async () =>
      (
        await unwrap(
          api.GET("/plugins/{pluginId}/ui/{point}/{version}", {
            params: { path: { pluginId: plugin, point: name, version }, query: { ...subject, locale } },
          }),
        )
      ).tree,
  });
}

interface Props {
  from: Contributed;
  point: Point;
  subject?: Subject;
  headings?: 2 | 3;
}

function Waiting() {
  return <Skeleton height={64} radius="md" aria-hidden />;
}

/** The panel's content alone; nothing at all while the reader has not connected the account it is about. */
export function PanelContent({ from, point, subject = nothing, headings }: Props) {
  const { data, error, isPending } = usePanel(from.plugin, point, subject);
  const client = useQueryClient();
  const again = () => void client.resetQueries({ queryKey: ["panel", from.plugin, point, subject] });
  if (isPending) return <Waiting />;
  if (error) return <Failed error={error} again={again} />;
  return (
    <Boundary again={again}>
      <Suspense fallback={<Waiting />}>
        <Tree plugin={from.plugin} node={data} headings={headings} />
      </Suspense>
    </Boundary>
  );
}

/** The panel as a card of a page. */
export function PanelCard(props: Props) {
  const id = useId();
  const { from, point, subject = nothing } = props;
  const { error } = usePanel(from.plugin, point, subject);
  if (isNotForReader(error)) return null;
  return (
    <section className={`card ${classes.card}`} aria-labelledby={id} data-testid={`panel-${from.plugin}`}>
      <Group gap={8} mb="xs" wrap="nowrap">
        <Icon name={iconOf(from.icon)} className={classes.icon} />
        <Title order={2} size={15} id={id}>
          {from.title}
        </Title>
      </Group>
      <PanelContent {...props} />
    </section>
  );
}

/** What the server refused about a panel; the page around it may know better what to say. */
export function usePanelError(plugin: string, point: Point): ApiError | undefined {
  const { error } = usePanel(plugin, point, nothing);
  return error instanceof ApiError ? error : undefined;
}

/** All panels of a place, one under the other. */
export function Panels({ point, subject }: { point: Point; subject?: Subject }) {
  return useContributions(point).map((from) => (
    <PanelCard key={from.plugin} from={from} point={point} subject={subject} />
  ));
}

/** Who has not connected an account is not told about it on every page; the Connections page invites them. */
export function isNotForReader(error: unknown): boolean {
  return error instanceof ApiError && error.code === "connection_needed";
}

function Failed({ error, again }: { error: unknown; again: () => void }) {
  const { t } = useTranslation();
  // Where the tree breaks which rule: for whoever tells the plugin's maker.
  const detail = error instanceof ApiError && error.code === "bad_panel" && error.problem.detail;
  return (
    <div className={classes.failed} role="status" data-testid="panel-failed">
      <Text size="sm" fw={570}>
        {t("panels.failed")}
      </Text>
      <Text size="sm" c="dimmed" className={classes.text}>
        {problemText(t, error)}
      </Text>
      {detail && <code className={classes.detail}>{detail}</code>}
      <Button size="xs" variant="default" leftSection={<Icon name="refresh" size={15} />} onClick={again}>
        {t("common.tryAgain")}
      </Button>
    </div>
  );
}

class Boundary extends Component<{ again: () => void; children: ReactNode }, { error: unknown }> {
  state: { error: unknown } = { error: undefined };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  render() {
    const again = () => {
      this.setState({ error: undefined });
      this.props.again();
    };
    return this.state.error ? <Failed error={this.state.error} again={again} /> : this.props.children;
  }
}
