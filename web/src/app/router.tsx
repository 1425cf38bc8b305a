// SPDX-License-Identifier: Apache-2.0
// Routes and their search parameters: what is looked at (query, date, view, filters) is in the URL, so that reload, back
// and sending a link work. Pages are loaded when first visited.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { sessionQuery } from "../api/queries";
import { isDate } from "../lib/time";
import { NotFound, PageError } from "./PageError";
import { queryClient } from "./query";
import { Root } from "./Root";
import { Shell } from "./Shell";

const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);
type Search = Record<string, unknown>;
export type CalendarView = "day" | "week" | "person";
interface CalendarSearch {
  date?: string;
  view?: CalendarView;
  staff?: string;
  client?: string;
}
interface AuditSearch {
  actor?: string;
  type?: string;
  subject?: string;
  from?: string;
  to?: string;
}

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search: Search): { to?: string } => ({ to: text(search.to) }),
  component: lazyRouteComponent(() => import("../pages/SignIn")),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: (search: Search): { token?: string } => ({ token: text(search.token) }),
  component: lazyRouteComponent(() => import("../pages/SetUp")),
});

// The token is in the fragment, which is not part of the search: the page reads it itself.
const googleSetup = createRoute({
  getParentRoute: () => root,
  path: "/setup/google",
  component: lazyRouteComponent(() => import("../pages/GoogleSetup")),
});

const erase = createRoute({
  getParentRoute: () => root,
  path: "/erase",
  validateSearch: (search: Search): { token?: string } => ({ token: text(search.token) }),
  component: lazyRouteComponent(() => import("../pages/Erase")),
});

const privacyFinder = createRoute({
  getParentRoute: () => root,
  path: "/privacy",
  component: lazyRouteComponent(() => import("../pages/Privacy"), "PrivacyFinder"),
});

const privacy = createRoute({
  getParentRoute: () => root,
  path: "/privacy/$slug",
  component: lazyRouteComponent(() => import("../pages/Privacy")),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session.signedIn)
      throw redirect({ to: "/signin", search: { to: location.href === "/" ? undefined : location.href } });
  },
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/calendar" });
  },
});

const clients = createRoute({
  getParentRoute: () => shell,
  path: "/clients",
  validateSearch: (search: Search): { q?: string; archived?: true } => ({
    q: text(search.q),
    archived: search.archived === true || undefined,
  }),
  component: lazyRouteComponent(() => import("../pages/Clients")),
});

const importClients = createRoute({
  getParentRoute: () => shell,
  path: "/clients/import",
  component: lazyRouteComponent(() => import("../pages/ImportClients")),
});

const client = createRoute({
  getParentRoute: () => shell,
  path: "/clients/$contactId",
  validateSearch: (search: Search): { picked?: number; problem?: string } => ({
    picked: typeof search.picked === "number" ? search.picked : undefined,
    problem: text(search.problem),
  }),
  component: lazyRouteComponent(() => import("../pages/Client")),
});

const views: CalendarView[] = ["day", "week", "person"];
const calendar = createRoute({
  getParentRoute: () => shell,
  path: "/calendar",
  validateSearch: (search: Search): CalendarSearch => ({
    date: isDate(search.date) ? search.date : undefined,
    view: views.find((view) => view === search.view && view !== "day"),
    staff: text(search.staff),
    client: text(search.client),
  }),
  component: lazyRouteComponent(() => import("../pages/Calendar")),
});

const connections = createRoute({
  getParentRoute: () => shell,
  path: "/connections",
  validateSearch: (search: Search): { connected?: string; problem?: string; otherAccount?: string; flow?: string } => ({
    connected: text(search.connected),
    problem: text(search.problem),
    otherAccount: text(search.otherAccount),
    flow: text(search.flow),
  }),
  component: lazyRouteComponent(() => import("../pages/Connections")),
});

const plugins = createRoute({
  getParentRoute: () => shell,
  path: "/plugins",
  component: lazyRouteComponent(() => import("../pages/Plugins")),
});

const plugin = createRoute({
  getParentRoute: () => shell,
  path: "/plugins/$pluginId",
  component: lazyRouteComponent(() => import("../pages/Plugin")),
});

const pluginPage = createRoute({
  getParentRoute: () => shell,
  path: "/pages/$pluginId",
  component: lazyRouteComponent(() => import("../pages/PluginPage")),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: "/audit",
  validateSearch: (search: Search): AuditSearch => ({
    actor: text(search.actor),
    type: text(search.type),
    subject: text(search.subject),
    from: isDate(search.from) ? search.from : undefined,
    to: isDate(search.to) ? search.to : undefined,
  }),
  component: lazyRouteComponent(() => import("../pages/Audit")),
});

export const settingsTabs = ["account", "business", "services", "staff", "users"] as const;
type SettingsTab = (typeof settingsTabs)[number];
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  validateSearch: (search: Search): { tab?: SettingsTab } => ({
    tab: settingsTabs.find((tab) => tab === search.tab && tab !== "account"),
  }),
  component: lazyRouteComponent(() => import("../pages/Settings")),
});

const pages = [
  home,
  clients,
  importClients,
  client,
  calendar,
  connections,
  plugins,
  plugin,
  pluginPage,
  audit,
  settings,
];

export const router = createRouter({
  routeTree: root.addChildren([signIn, setUp, googleSetup, erase, privacyFinder, privacy, shell.addChildren(pages)]),
  defaultErrorComponent: PageError,
  defaultPreload: "intent",
  defaultPendingMs: 300,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
