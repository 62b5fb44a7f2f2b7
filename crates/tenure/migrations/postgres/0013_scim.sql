-- SCIM: what a directory says of people and teams that the desk has no place for, and what its tokens do.

-- attributes is JSON. name and email are what it came to when it was sent: where the person has others now, its own
-- names and addresses are no longer true. user_name only where it is no address. gone is when the directory deleted
-- them; it counts while they are deactivated since then or before.
create table scim_people (
    workspace_id uuid not null,
    person_id uuid not null,
    attributes text collate "C" not null,
    name text collate "C" not null,
    email text collate "C" not null,
    user_name text collate "C",
    user_name_key text collate "C",
    gone bigint,
    primary key (workspace_id, person_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id),
    constraint user_name_has_key check ((user_name is null) = (user_name_key is null))
);
create unique index scim_people_user_name on scim_people (workspace_id, user_name_key) where user_name_key is not null;
create index scim_people_gone on scim_people (workspace_id, gone, person_id) where gone is not null;

-- The addresses among those attributes, folded: a filter finds people by any of them.
create table scim_emails (
    workspace_id uuid not null,
    person_id uuid not null,
    email_key text collate "C" not null,
    primary key (workspace_id, person_id, email_key),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
);
create index scim_emails_key on scim_emails (workspace_id, email_key, person_id);

create table scim_teams (
    workspace_id uuid not null,
    team_id uuid not null,
    external_id text collate "C" not null,
    primary key (workspace_id, team_id),
    foreign key (workspace_id, team_id) references teams (workspace_id, team_id)
);
create unique index scim_teams_external on scim_teams (workspace_id, external_id);

-- Counts who joined and left: with the version, a team's entity tag.
alter table teams add column turns bigint not null default 0;
create index teams_by_id on teams (workspace_id, created, team_id);

-- Whether a PATCH is answered without a body, whether a SCIM DELETE deletes; when the brake stopped a sync, and until
-- when an administrator lets it go on past the brake.
alter table tokens add column scim_empty_patch boolean not null default false;
alter table tokens add column scim_deletes boolean not null default false;
alter table tokens add column scim_stopped bigint;
alter table tokens add column scim_let_on bigint;
