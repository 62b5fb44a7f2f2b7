// Every page and dialog of the desk: what is looked at, and what is judged for accessibility.

import type { Page } from "@playwright/test";

import type { SignIn } from "./server.ts";

/** One page, and what is done on it before it is looked at. */
export interface Screen {
  readonly name: string;
  /** Nobody is signed in where it is unset. */
  readonly as?: SignIn["role"];
  readonly path: string;
  readonly ready?: (page: Page) => Promise<void>;
}

/** The ids of people, teams and organizations that the screens are about, by name. */
export type Ids = ReadonlyMap<string, string>;

/** What the API says about a user. */
interface User {
  readonly id: string;
  readonly name: string;
  readonly teams: readonly { readonly id: string; readonly name: string }[];
}

/** Reads the ids by the API, as whoever is signed in; `search` keeps a crowd out. */
export async function ids(page: Page, search = "acme.example"): Promise<Ids> {
  const answer = await page.request.get(`/api/v1/users?limit=100&q=${encodeURIComponent(search)}`);
  const { users } = (await answer.json()) as { users: User[] };
  const found = new Map(users.flatMap((user) => [[user.name, user.id], ...user.teams.map((team) => [team.name, team.id] as const)]));
  const lists = [["/customers?q=globex.example", "[data-row] .row-link"], ["/organizations?q=globex", ".team-row"], ["/projects", ".team-row"]] as const;
  for (const [path, rows] of lists) {
    await page.goto(path);
    for (const [name, id] of await linked(page, rows)) found.set(name, id);
  }
  return found;
}

/** Names and ids in a list, by the links of its rows. */
async function linked(page: Page, rows: string): Promise<(readonly [string, string])[]> {
  return page.locator(rows).evaluateAll((links) =>
    links.map((link) => [
      link.querySelector(".chip-name, strong")?.textContent?.trim() ?? "",
      new URL((link as HTMLAnchorElement).href).pathname.split("/")[2] ?? "",
    ] as const),
  );
}

/** The id of somebody or something the demo always has. */
export function idOf(ids: Ids, name: string): string {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`the demo has no ${name}`);
  return id;
}

/** Sends a file of people from the page of an import. */
export async function sendFile(page: Page, text: string): Promise<void> {
  await page.getByLabel("CSV file").setInputFiles({ name: "our people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Upload and preview" }).click();
  await page.waitForURL(/\/import\/./);
}

/** People as another desk has written them, with rows that are wrong. */
const PEOPLE = `Name,E-Mail,Status,External ID,Notes\r\n"Quinn ""Q"" Moss",QUINN@north.example,Active,N-1,likes long notes\r\nRae Sund,rae@north.example,Deactivated,N-2,\r\nTwice,quinn@north.example,,,\r\nNo Address,nowhere,Sleeping,,\r\n`;

const open = (name: string) => async (page: Page) => page.locator("summary", { hasText: name }).first().click();

/** Selects the first two rows of a list and previews what is chosen for them. */
export async function previewMany(page: Page, deed: string): Promise<void> {
  for (const index of [0, 1]) await page.locator(".pick-box input").nth(index).check();
  await page.getByLabel("What to do with them").selectOption({ label: deed });
  await page.getByRole("button", { name: "Preview…" }).click();
  await page.waitForURL(/\/work\/bulk/);
}

/** All screens of Acme. The one for `member` shows what they may see, no more. */
export function screens(ids: Ids): Screen[] {
  const of = (name: string, part = "") => `/users/${idOf(ids, name)}${part}`;
  const customer = (name: string, path: string, ready?: Screen["ready"]): Screen => ({ name, as: "customer", path, ...(ready && { ready }) });
  const served = (name: string, part = "") => `/customers/${idOf(ids, name)}${part}`;
  const globex = `/organizations/${idOf(ids, "Globex")}`;
  const owner = (name: string, path: string, ready?: Screen["ready"]): Screen => ({ name, as: "owner", path, ...(ready && { ready }) });
  return [
    { name: "sign-in", path: "/sign-in" },
    { name: "void-link", path: "/password/none" },
    { name: "mine", as: "member", path: "/mine" },
    { name: "mine-following", as: "member", path: "/mine?tab=following" },
    { name: "mine-mentioned", as: "member", path: "/mine?tab=mentioned" },
    owner("mine-nothing", "/mine?q=zzzz"),
    owner("tickets", "/tickets"),
    { name: "tickets-member", as: "member", path: "/tickets?assignee=deactivated" },
    owner("tickets-filter", "/tickets?due=week&sort=due", open("Filter")),
    owner("tickets-nobody-typed", "/tickets?requested_by=zzzz"),
    owner("tickets-save-view", "/tickets?status=waiting", open("Save view")),
    owner("tickets-nothing", "/tickets?q=zzzz"),
    owner("tickets-selected", "/tickets?limit=6", (page) => page.locator(".pick-box input").first().check()),
    owner("tickets-bulk-who", "/tickets", (page) => previewMany(page, "Assign to…")),
    owner("tickets-bulk", "/tickets", (page) => previewMany(page, "Done")),
    owner("search", "/search?q=paper"),
    owner("search-people", "/search?q=ad"),
    owner("search-nothing", "/search?q=zzzz"),
    owner("search-unasked", "/search"),
    owner("ticket-new", "/tickets/new"),
    owner("tasks", "/tasks?status=all"),
    owner("task-new", "/tasks/new"),
    owner("projects", "/projects"),
    owner("projects-archived", "/projects?state=archived"),
    owner("project", `/projects/${idOf(ids, "Clinic calendar")}`),
    owner("project-edit", `/projects/${idOf(ids, "Clinic calendar")}/edit`),
    owner("project-new", "/projects/new"),
    owner("articles", "/articles"),
    { name: "articles-member", as: "member", path: "/articles?state=draft" },
    owner("articles-nothing", "/articles?q=zzzz"),
    owner("article", "/articles", (page) => page.locator(".article-title .row-link").first().click()),
    owner("article-history", "/articles", async (page) => {
      await page.locator(".article-title .row-link").first().click();
      await page.getByRole("link", { name: "History" }).click();
    }),
    owner("article-new", "/articles/new"),
    owner("article-edit", "/articles", async (page) => {
      await page.locator(".article-title .row-link").first().click();
      await page.getByRole("link", { name: "Edit" }).click();
      await page.getByRole("button", { name: "Preview" }).click();
    }),
    owner("tickets-held", "/tickets/held"),
    owner("ticket-flagged", "/tickets?q=no+longer+sign+in", (page) => page.locator(".row-link").first().click()),
    owner("handover", `/handovers/new?from=${idOf(ids, "Ada Lovelace")}`),
    owner("users", "/users"),
    owner("users-deactivated", "/users?view=deactivated"),
    owner("users-attention", "/users?view=needs-attention"),
    { name: "users-attention-member", as: "member", path: "/users?view=needs-attention" },
    owner("users-grouped", "/users?group=team"),
    owner("users-filter", "/users?role=member&sort=email", open("Filter")),
    owner("users-save-view", "/users?role=member&sort=email", open("Save view")),
    owner("users-nobody", "/users?q=zzzz"),
    owner("users-panel", of("Ada Lovelace")),
    owner("users-panel-owner", of("Olivia Brandt")),
    owner("users-menu", "/users", (page) => page.getByRole("button", { name: "Actions for Ben Okafor" }).click()),
    { name: "users-member", as: "member", path: "/users" },
    { name: "users-panel-member", as: "member", path: of("Ada Lovelace") },
    owner("invite", "/users/new"),
    owner("edit", of("Mei Tanaka", "/edit")),
    owner("role", of("Mei Tanaka", "/role")),
    owner("link", of("Mei Tanaka", "/link")),
    owner("person-sessions", of("Mei Tanaka", "/sessions")),
    owner("deactivate", of("Mei Tanaka", "/deactivation")),
    owner("activate", of("Ada Lovelace", "/activation")),
    owner("review", of("Helen Carter", "/review")),
    owner("dismiss-return", of("Helen Carter", "/return")),
    owner("delete", of("Mei Tanaka", "/deletion")),
    owner("guard", of("Samir Haddad", "/deletion")),
    owner("send-again", of("Noor Rahman", "/invitation")),
    owner("withdraw", of("Noor Rahman", "/withdrawal")),
    owner("customers", "/customers"),
    owner("customers-deactivated", "/customers?view=deactivated"),
    owner("customers-attention", "/customers?view=needs-attention"),
    owner("customers-grouped", "/customers?group=organization"),
    owner("customers-filter", "/customers?status=active&sort=email", open("Filter")),
    owner("customers-nobody", "/customers?q=zzzz"),
    owner("customers-panel", served("Cleo Park")),
    owner("customers-panel-deactivated", served("Dario Conti")),
    owner("customers-menu", "/customers?q=globex.example", (page) => page.getByRole("button", { name: "Actions for Cleo Park" }).click()),
    owner("customers-selected", "/customers?q=globex.example", (page) => page.getByRole("checkbox", { name: "Select Cleo Park" }).check()),
    { name: "customers-member", as: "member", path: "/customers" },
    owner("customer-new", "/customers/new"),
    owner("customer-edit", served("Cleo Park", "/edit")),
    owner("customer-organization", served("Cleo Park", "/organization")),
    owner("customer-link", served("Cleo Park", "/link")),
    owner("customer-sessions", served("Cleo Park", "/sessions")),
    owner("customer-convert", served("Cleo Park", "/conversion")),
    owner("customer-deactivate", served("Cleo Park", "/deactivation")),
    owner("customer-activate", served("Dario Conti", "/activation")),
    owner("customer-delete", served("Cleo Park", "/deletion")),
    owner("import", "/users/import"),
    owner("import-preview", "/users/import", (page) => sendFile(page, PEOPLE)),
    owner("customers-import-columns", "/customers/import", (page) => sendFile(page, "Kontakt;Wer\nann@north.example;Ann\n")),
    owner("organizations", "/organizations"),
    owner("organizations-none", "/organizations?q=zzzz"),
    owner("organization", globex),
    owner("organization-delete", `${globex}/deletion`),
    owner("teams", "/teams"),
    owner("team", `/teams/${idOf(ids, "Support")}`),
    owner("team-delete", `/teams/${idOf(ids, "Support")}/deletion`),
    owner("item", "/items/3"),
    owner("item-note", "/items/3", (page) => page.getByRole("radio", { name: "Note" }).check()),
    owner("item-history", "/items/3/history"),
    owner("item-edit", "/items/3/edit"),
    owner("item-details", "/items/3/details"),
    owner("item-assignees", "/items/3/assignees"),
    owner("item-requester", "/items/3/requester?q=zzzz"),
    owner("licenses", "/licenses"),
    owner("audit", "/audit"),
    owner("audit-details", "/audit", open("Details of entry")),
    owner("audit-nobody", "/audit?person=zzzz"),
    owner("api-docs", "/api/docs"),
    { name: "api-docs-group", as: "member", path: "/api/docs?group=items" },
    owner("api-docs-found", "/api/docs?q=deactivate"),
    owner("api-docs-nothing", "/api/docs?q=zzzz"),
    owner("settings", "/settings"),
    owner("settings-licenses", "/settings/licenses"),
    owner("settings-sessions", "/settings/sessions"),
    owner("settings-portal", "/settings/portal"),
    owner("settings-apps", "/settings/apps"),
    owner("settings-brake", "/settings/brake"),
    owner("bulk", "/bulk"),
    owner("users-selected", "/users", (page) => page.getByRole("checkbox", { name: "Select Mei Tanaka" }).check()),
    owner("settings-tokens", "/settings/tokens"),
    owner("settings-webhooks", "/settings/webhooks"),
    owner("settings-webhooks-types", "/settings/webhooks", (page) => page.getByLabel("What I choose below").check()),
    owner("settings-scim", "/settings/scim"),
    owner("settings-ownership", "/settings/ownership"),
    owner("me", "/me"),
    owner("me-password", "/me/password"),
    owner("me-sessions", "/me/sessions"),
    owner("me-tokens", "/me/tokens"),
    owner("own-menu", "/teams", (page) => page.getByRole("button", { name: /Your menu/ }).click()),
    { name: "forbidden", as: "member", path: "/licenses" },
    owner("missing", "/users/none"),
    { name: "portal-sign-in", path: "/portal/sign-in" },
    { name: "portal-register", path: "/portal/register" },
    { name: "portal-registered", path: "/portal/register?sent=1" },
    { name: "portal-void-link", path: "/portal/set-password/none" },
    { name: "help", path: "/help" },
    { name: "help-found", path: "/help?q=paper" },
    { name: "help-nothing", path: "/help?q=zzzz" },
    { name: "help-article", path: "/help/a-kiosk-prints-blank-tickets" },
    { name: "help-missing", path: "/help/none" },
    owner("help-draft", "/help/recurring-bookings"),
    customer("help-customer", "/help/restart-a-kiosk"),
    { name: "request-form", path: "/request" },
    { name: "request-sent", path: "/request?sent=1" },
    customer("portal", "/portal"),
    customer("portal-following", "/portal?list=following"),
    customer("portal-request", "/portal", (page) => page.locator(".request-row").first().click()),
    customer("portal-new-request", "/portal/requests/new"),
    customer("portal-menu", "/portal", (page) => page.getByRole("button", { name: /Your menu/ }).click()),
    customer("portal-profile", "/portal/profile"),
    customer("portal-password", "/portal/profile/password"),
    customer("portal-sessions", "/portal/sessions"),
    customer("portal-missing", "/portal/none"),
    customer("desk-to-a-customer", "/sign-in?next=%2Fusers"),
  ];
}
