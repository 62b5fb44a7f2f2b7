-- Workspaces, people, teams, sessions, links, licenses, undo, audit log.
-- Every primary key and foreign key begins with workspace_id: tenants never mix, and each table can be
-- sharded by it. Times are microseconds since 1970 in UTC. Sortable columns are never null.

create table workspaces (
    workspace_id uuid not null primary key,
    name text collate "C" not null,
    language text collate "C" not null,
    time_zone text collate "C" not null,
    -- Counters of users by status. They live beside owned, so that one statement moves a user, takes
    -- or frees the license, and fails when none is free.
    owned bigint not null,
    used bigint not null,
    users_active bigint not null,
    users_invited bigint not null,
    users_expired bigint not null,
    users_deactivated bigint not null,
    users_never bigint not null,
    price_minor bigint,
    price_currency text collate "C",
    price_period text collate "C" check (price_period in ('month', 'year')),
    idle_seconds bigint not null,
    absolute_seconds bigint not null,
    created bigint not null,
    version bigint not null,
    constraint licenses_not_oversold check (used <= owned and used >= 0),
    constraint licenses_are_counted check (used = users_active + users_invited - users_expired),
    constraint counters_not_negative check (
        users_active >= 0 and users_invited >= 0 and users_expired >= 0
        and users_deactivated >= 0 and users_never >= 0
    ),
    constraint price_whole check (
        (price_minor is null and price_currency is null and price_period is null)
        or (price_minor is not null and price_currency is not null and price_period is not null)
    )
);

create table hosts (
    workspace_id uuid not null,
    host text collate "C" not null,
    primary key (workspace_id, host),
    foreign key (workspace_id) references workspaces (workspace_id)
);
create unique index hosts_host on hosts (host);

create table people (
    workspace_id uuid not null,
    person_id uuid not null,
    kind text collate "C" not null check (kind in ('user', 'customer')),
    email text collate "C" not null,
    email_key text collate "C" not null,
    name text collate "C" not null,
    name_sort bytea not null,
    -- Where the name stands in the lists of grams.
    near bytea generated always as (substring(name_sort from 1 for 12)) stored,
    search_text text collate "C" not null,
    role text collate "C" not null check (role in ('member', 'administrator', 'owner')),
    status text collate "C" not null check (status in ('invited', 'active', 'deactivated')),
    status_since bigint not null,
    status_by uuid,
    reason text collate "C",
    review_on text collate "C",
    invite_expires bigint,
    invite_expired boolean not null default false,
    language text collate "C" not null default '',
    time_zone text collate "C" not null default '',
    theme text collate "C" not null default 'system' check (theme in ('system', 'light', 'dark')),
    picture text collate "C",
    password_hash text collate "C",
    password_set bigint,
    last_sign_in bigint not null default 0,
    return_asked bigint,
    -- When the ask was made that an administrator dismissed: the next is a day after it.
    return_dismissed bigint,
    external_id text collate "C",
    teams bigint not null default 0,
    created bigint not null,
    version bigint not null default 1,
    primary key (workspace_id, person_id),
    foreign key (workspace_id) references workspaces (workspace_id),
    constraint owner_is_active check (role <> 'owner' or status = 'active'),
    constraint invited_expires check (status <> 'invited' or invite_expires is not null)
);
create unique index people_email on people (workspace_id, email_key);
create unique index people_external on people (workspace_id, kind, external_id) where external_id is not null;
create unique index people_owner on people (workspace_id) where role = 'owner';
create index people_by_name on people (workspace_id, kind, name_sort, person_id);
-- The order of the lists of grams.
create index people_near on people (workspace_id, kind, near, person_id);
create index people_by_email on people (workspace_id, kind, email_key, person_id);
create index people_by_sign_in on people (workspace_id, kind, last_sign_in, person_id);
create index people_by_created on people (workspace_id, kind, created, person_id);
create index people_status_name on people (workspace_id, kind, status, name_sort, person_id);
create index people_status_email on people (workspace_id, kind, status, email_key, person_id);
create index people_status_sign_in on people (workspace_id, kind, status, last_sign_in, person_id);
create index people_status_created on people (workspace_id, kind, status, created, person_id);
create index people_never on people (workspace_id, kind, name_sort, person_id) where last_sign_in = 0 and status = 'active';
create index people_trusted on people (workspace_id, kind, person_id) where role <> 'member';
create index people_teamless on people (workspace_id, kind, name_sort, person_id) where teams = 0;
create index people_invitations on people (workspace_id, invite_expires, person_id) where status = 'invited';
create index people_returns on people (workspace_id, kind, return_asked, person_id) where return_asked is not null;
create index people_reviews on people (workspace_id, kind, review_on, person_id) where review_on is not null;

-- Which people hold a piece of text: runs of five characters, word starts, CJK characters. `near` is the beginning of the
-- name's sort key, so that a list of people is nearly in the order of names. Without a foreign key: it would
-- need an index as large as the table.
create table grams (
    workspace_id uuid not null,
    kind text collate "C" not null,
    gram text collate "C" not null,
    near bytea not null,
    person_id uuid not null,
    primary key (workspace_id, kind, gram, near, person_id)
);

create table pictures (
    workspace_id uuid not null,
    person_id uuid not null,
    media_type text collate "C" not null,
    bytes bytea not null,
    primary key (workspace_id, person_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
);

create table teams (
    workspace_id uuid not null,
    team_id uuid not null,
    name text collate "C" not null,
    name_key text collate "C" not null,
    name_sort bytea not null,
    members bigint not null default 0 check (members >= 0),
    created bigint not null,
    version bigint not null default 1,
    primary key (workspace_id, team_id),
    foreign key (workspace_id) references workspaces (workspace_id)
);
create unique index teams_name on teams (workspace_id, name_key);
create index teams_by_name on teams (workspace_id, name_sort, team_id);

-- name_sort repeats the person's, so that a team's members page by an index.
create table team_members (
    workspace_id uuid not null,
    team_id uuid not null,
    person_id uuid not null,
    name_sort bytea not null,
    joined bigint not null,
    primary key (workspace_id, team_id, person_id),
    foreign key (workspace_id, team_id) references teams (workspace_id, team_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
);
create index team_members_by_name on team_members (workspace_id, team_id, name_sort, person_id);
create index team_members_person on team_members (workspace_id, person_id, team_id);

-- An ended session stays for a while, so that its bearer can be told what happened.
create table sessions (
    workspace_id uuid not null,
    session_id uuid not null,
    person_id uuid not null,
    token_hash bytea not null,
    began bigint not null,
    last_used bigint not null,
    address text collate "C" not null,
    user_agent text collate "C" not null,
    ended bigint,
    ended_why text collate "C" check (ended_why in ('signed-out', 'ended', 'deactivated', 'password', 'expired', 'restored')),
    primary key (workspace_id, session_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id),
    constraint ended_says_why check ((ended is null) = (ended_why is null))
);
create unique index sessions_token on sessions (workspace_id, token_hash);
create index sessions_open on sessions (workspace_id, person_id, last_used) where ended is null;
create index sessions_person on sessions (workspace_id, person_id);
create index sessions_ended on sessions (workspace_id, ended) where ended is not null;

-- Invitations, set-password links and the tickets with which a return is asked for; single use.
create table links (
    workspace_id uuid not null,
    link_id uuid not null,
    person_id uuid not null,
    kind text collate "C" not null check (kind in ('invitation', 'password', 'return')),
    token_hash bytea not null,
    made bigint not null,
    made_by uuid,
    expires bigint not null,
    closed bigint,
    closed_why text collate "C" check (closed_why in ('used', 'void', 'replaced')),
    primary key (workspace_id, link_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id),
    constraint closed_says_why check ((closed is null) = (closed_why is null))
);
create unique index links_token on links (workspace_id, token_hash);
create index links_open on links (workspace_id, person_id, kind) where closed is null;
create index links_person on links (workspace_id, person_id);
create index links_expires on links (workspace_id, expires);

-- Who held a license from when to when, and why. person_id goes when the person is deleted.
create table license_spans (
    workspace_id uuid not null,
    span_id uuid not null,
    person_id uuid,
    since bigint not null,
    since_why text collate "C" not null,
    until bigint,
    until_why text collate "C",
    primary key (workspace_id, span_id),
    foreign key (workspace_id) references workspaces (workspace_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
);
create unique index license_spans_held on license_spans (workspace_id, person_id) where until is null;
create index license_spans_since on license_spans (workspace_id, since, span_id) where until is null;
create index license_spans_until on license_spans (workspace_id, until, span_id) where until is not null;
create index license_spans_person on license_spans (workspace_id, person_id, since);

-- Licenses at the end of each day (days since 1970 in UTC), and the most used on it: the chart.
create table license_days (
    workspace_id uuid not null,
    day bigint not null,
    owned bigint not null,
    used bigint not null,
    peak bigint not null,
    primary key (workspace_id, day),
    foreign key (workspace_id) references workspaces (workspace_id)
);

-- Steps that can be undone.
create table steps (
    workspace_id uuid not null,
    step_id uuid not null,
    kind text collate "C" not null check (kind in ('deactivation', 'activation', 'swap')),
    made bigint not null,
    made_by uuid,
    added_licenses bigint not null,
    owned_before bigint not null,
    undone bigint,
    primary key (workspace_id, step_id),
    foreign key (workspace_id) references workspaces (workspace_id)
);
create index steps_made on steps (workspace_id, made);

create table step_changes (
    workspace_id uuid not null,
    step_id uuid not null,
    person_id uuid not null,
    before text collate "C" not null,
    after text collate "C" not null,
    primary key (workspace_id, step_id, person_id),
    foreign key (workspace_id, step_id) references steps (workspace_id, step_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
);
create index step_changes_person on step_changes (workspace_id, person_id, step_id);

-- A person's own saved views of a grid.
create table views (
    workspace_id uuid not null,
    view_id uuid not null,
    person_id uuid not null,
    grid text collate "C" not null check (grid in ('users', 'customers', 'tickets', 'tasks')),
    name text collate "C" not null,
    query text collate "C" not null,
    created bigint not null,
    primary key (workspace_id, view_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
);
create index views_person on views (workspace_id, person_id, grid, name, view_id);

-- The audit log. seq and mac are set by the sealer, after commit; ids of persons are not foreign keys,
-- since an entry outlives the person.
create table audit (
    workspace_id uuid not null,
    audit_id uuid not null,
    at bigint not null,
    actor text collate "C" not null check (actor in ('person', 'cli', 'job', 'visitor')),
    actor_id uuid,
    actor_label text collate "C" not null default '',
    action text collate "C" not null,
    person_id uuid,
    subject text collate "C" not null default '',
    before text collate "C" not null default '',
    after text collate "C" not null default '',
    door text collate "C" not null,
    request_id uuid not null,
    personal_hash bytea,
    seq bigint,
    mac bytea,
    primary key (workspace_id, audit_id),
    foreign key (workspace_id) references workspaces (workspace_id)
);
create unique index audit_seq on audit (workspace_id, seq) where seq is not null;
create index audit_unsealed on audit (workspace_id, audit_id) where seq is null;
create index audit_at on audit (workspace_id, at, audit_id);
create index audit_person on audit (workspace_id, person_id, at, audit_id);
create index audit_actor on audit (workspace_id, actor_id, at, audit_id);
create index audit_action on audit (workspace_id, action, at, audit_id);
create index audit_door on audit (workspace_id, door, at, audit_id);

-- Personal values of an entry (names, addresses, reasons). The entry holds their salted hash; deleting
-- a person erases value and salt, and the chain still verifies.
create table audit_personal (
    workspace_id uuid not null,
    audit_id uuid not null,
    person_id uuid not null,
    salt bytea not null,
    value text collate "C" not null,
    primary key (workspace_id, audit_id),
    foreign key (workspace_id, audit_id) references audit (workspace_id, audit_id)
);
create index audit_personal_person on audit_personal (workspace_id, person_id);

-- How far the chain is sealed. One row a workspace; the sealer locks it.
create table audit_heads (
    workspace_id uuid not null,
    seq bigint not null,
    mac bytea not null,
    -- Made with the key, so that nobody else can move the end.
    tag bytea not null,
    primary key (workspace_id),
    foreign key (workspace_id) references workspaces (workspace_id)
);
