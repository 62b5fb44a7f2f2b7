-- Events: what webhooks and open pages are told, written in the transaction of their cause.
create sequence event_arrivals;

create table events (
    workspace_id uuid not null,
    -- The order in which they were written: of two about one subject the later one has the higher number.
    arrival bigint not null,
    event_id uuid not null,
    at bigint not null,
    -- An action of the audit log, or what happened to an item.
    topic text collate "C" not null,
    audience text collate "C" not null check (audience in ('administrators', 'brief', 'users')),
    -- What it is about beside a person: an item, a project, a team.
    subject_id uuid,
    person_id uuid,
    -- JSON: who did it, and before and after. Never a name, an address or a text.
    data text collate "C" not null,
    -- Its place in the workspace's order, given once it is committed: nothing is placed before it later.
    place bigint,
    primary key (workspace_id, arrival),
    foreign key (workspace_id) references workspaces (workspace_id)
);
create index events_waiting on events (workspace_id, arrival) where place is null;
create index events_place on events (workspace_id, place) where place is not null;

-- The last place that was given.
create table event_ends (
    workspace_id uuid not null primary key,
    place bigint not null,
    foreign key (workspace_id) references workspaces (workspace_id)
);
insert into event_ends (workspace_id, place) select workspace_id, 0 from workspaces;
