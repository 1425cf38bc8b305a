// SPDX-License-Identifier: Apache-2.0
import { Alert, Badge, Progress, Stack, Table, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../app/session";
import { Icon } from "../../icons";
import { formatInstant } from "../../lib/time";
import { PanelAction, PanelForm } from "./PanelAction";
import classes from "./Tree.module.css";
import { asNode, listOf, type Node, safeLink, textOf, toneOf, tones } from "./tree";

interface Props {
  plugin: string;
  node: unknown;
  /** Of the tree's headings; the panel's own title stands above. */
  headings?: 2 | 3;
}

type Draw = (props: Omit<Props, "node"> & { node: Node }) => ReactNode;

const deepest = 8;

/** Draws a plugin's tree with our own components. What it does not know it leaves out. */
export default function Tree({ plugin, node, headings = 3 }: Props) {
  return <Branch plugin={plugin} node={node} headings={headings} depth={1} />;
}

function Branch({ node, depth, ...rest }: Props & { depth: number }) {
  const known = asNode(node);
  const type = textOf(known?.type);
  if (!known || depth > deepest) return null;
  if (type === "stack" || type === "row" || type === "list") {
    // A tree never changes in place: it is drawn anew as a whole, so that positions are identities.
    const children = listOf(known.children).map((child, index) => ({ child, key: `${index}` }));
    const drawn = children.map(({ child, key }) => <Branch key={key} node={child} depth={depth + 1} {...rest} />);
    if (type === "row") return <div className={classes.row}>{drawn}</div>;
    if (type === "stack") return <Stack gap="xs">{drawn}</Stack>;
    return (
      <ul className={classes.list}>
        {children.map(({ child, key }) => (
          <li key={key}>
            <Branch node={child} depth={depth + 1} {...rest} />
          </li>
        ))}
      </ul>
    );
  }
  return Object.hasOwn(leaves, type) ? leaves[type]?.({ node: known, ...rest }) : null;
}

const leaves: Record<string, Draw> = {
  heading: ({ node, headings = 3 }) => (
    <Title order={headings} size="h5">
      {textOf(node.text)}
    </Title>
  ),
  text: ({ node }) => (
    <Text size="sm" c={tones[toneOf(node.tone)].color} className={classes.text}>
      {textOf(node.text)}
    </Text>
  ),
  badge: ({ node }) => <Badge color={tones[toneOf(node.tone)].badge}>{textOf(node.text)}</Badge>,
  time: ({ node }) => <Moment at={node.at} />,
  facts: ({ node }) => (
    <dl className={classes.facts}>
      {listOf(node.items).map((item, index) => {
        const fact = asNode(item);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: see Branch
          <div key={index}>
            <dt>{textOf(fact?.label)}</dt>
            <dd>{fact?.at === undefined ? textOf(fact?.value) : <Moment at={fact.at} />}</dd>
          </div>
        );
      })}
    </dl>
  ),
  progress: ({ node }) => {
    const max = typeof node.max === "number" && node.max > 0 ? node.max : 100;
    const value = typeof node.value === "number" ? Math.min(Math.max(node.value, 0), max) : 0;
    return (
      <div>
        <div className={classes.progress}>
          <span>{textOf(node.label)}</span>
          <span className="num">{max === 100 ? `${Math.round(value)} %` : `${value} / ${max}`}</span>
        </div>
        <Progress value={(value / max) * 100} aria-label={textOf(node.label)} />
      </div>
    );
  },
  table: ({ node }) => <Cells node={node} />,
  action: ({ plugin, node }) => <PanelAction plugin={plugin} node={node} />,
  form: ({ plugin, node }) => <PanelForm plugin={plugin} node={node} />,
  link: ({ node }) => <PanelLink node={node} />,
  image: ({ node }) =>
    /^[0-9a-f]{32}$/.test(textOf(node.file)) ? (
      <img className={classes.image} src={`/api/v1/files/${node.file}/content`} alt={textOf(node.alt)} loading="lazy" />
    ) : null,
  empty: ({ node }) => (
    <Text size="sm" c="dimmed">
      {textOf(node.text)}
    </Text>
  ),
  error: ({ node }) => (
    <Alert color="red" p="xs" icon={<Icon name="alert" />}>
      {textOf(node.text)}
    </Alert>
  ),
};

function Moment({ at }: { at: unknown }) {
  const { zone, language } = useFormats();
  const text = textOf(at);
  if (Number.isNaN(Date.parse(text))) return null;
  return (
    <time dateTime={text} className="num">
      {formatInstant(text, zone, language)}
    </time>
  );
}

function Cells({ node }: { node: Node }) {
  const { t } = useTranslation();
  const label = textOf(node.label) || t("panels.table");
  const columns = listOf(node.columns).map(textOf);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard too
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      <Table fz="sm" verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {listOf(node.rows).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: see Branch
            <Table.Tr key={index}>
              {listOf(row).map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: see Branch
                <Table.Td key={column}>{textOf(cell)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function PanelLink({ node }: { node: Node }) {
  const link = safeLink(node.href);
  const label = textOf(node.label);
  if (!link) return <Text size="sm">{label}</Text>;
  if (link.host === null)
    return (
      <a href={link.to} className={classes.link}>
        {label}
      </a>
    );
  return (
    <a href={link.to} className={classes.link} target="_blank" rel="noopener noreferrer">
      {label} <Icon name="externalLink" size={14} />
      <span className={classes.host}>{link.host}</span>
    </a>
  );
}
