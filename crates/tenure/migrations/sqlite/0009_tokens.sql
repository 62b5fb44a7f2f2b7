-- Tokens of the JSON API. Of the token itself only the digest is kept.

-- person_id is whose a personal token is, and who made a service token: that goes when they are deleted.
-- suspended_by is the step or the change of many people with which it was suspended, for their undo. A token that
-- was revoked stays as a name for the audit log.
create table tokens (
    workspace_id blob not null,
    token_id blob not null,
    kind text not null check (kind in ('personal', 'service')),
    person_id blob,
    name text not null,
    token_hash blob not null,
    -- Words with a space between them.
    scopes text not null,
    created integer not null,
    expires integer,
    last_used integer,
    suspended integer,
    suspended_why text check (suspended_why in ('deactivation', 'hand', 'backup')),
    suspended_by blob,
    revoked integer,
    primary key (workspace_id, token_id),
    unique (workspace_id, token_hash),
    foreign key (workspace_id) references workspaces (workspace_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id),
    constraint personal_is_somebodys check (kind = 'service' or person_id is not null),
    constraint personal_expires check (kind = 'service' or expires is not null),
    constraint suspended_says_why check ((suspended is null) = (suspended_why is null))
) strict;
create index tokens_person on tokens (workspace_id, person_id, token_id) where person_id is not null;
create index tokens_kind on tokens (workspace_id, kind, token_id) where revoked is null;
create index tokens_step on tokens (workspace_id, suspended_by, token_id) where suspended_by is not null;

alter table batches add column tokens_suspended integer not null default 0;

-- Tokens are actors, too. SQLite changes a check by making the table anew.
create table audit_next (
    workspace_id blob not null,
    audit_id blob not null,
    at integer not null,
    actor text not null check (actor in ('person', 'token', 'cli', 'job', 'visitor')),
    actor_id blob,
    actor_label text not null default '',
    action text not null,
    person_id blob,
    subject text not null default '',
    before text not null default '',
    after text not null default '',
    door text not null,
    request_id blob not null,
    personal_hash blob,
    seq integer,
    mac blob,
    primary key (workspace_id, audit_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;
insert into audit_next select * from audit;
drop table audit;
alter table audit_next rename to audit;
create unique index audit_seq on audit (workspace_id, seq) where seq is not null;
create index audit_unsealed on audit (workspace_id, audit_id) where seq is null;
create index audit_at on audit (workspace_id, at, audit_id);
create index audit_person on audit (workspace_id, person_id, at, audit_id);
create index audit_actor on audit (workspace_id, actor_id, at, audit_id);
create index audit_action on audit (workspace_id, action, at, audit_id);
create index audit_door on audit (workspace_id, door, at, audit_id);
create table changes_next (
    workspace_id blob not null,
    subject_id blob not null,
    change_id blob not null,
    at integer not null,
    actor text not null check (actor in ('person', 'token', 'cli', 'job', 'visitor')),
    actor_id blob,
    -- Of a person: user or customer; of the machine: the user name or the job.
    actor_label text not null,
    field text not null,
    before text not null default '',
    after text not null default '',
    primary key (workspace_id, subject_id, change_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict, without rowid;
insert into changes_next select * from changes;
drop table changes;
alter table changes_next rename to changes;

-- The audit log by what tokens did: entries of a personal one stand under its owner, too.
create index audit_tokens on audit (workspace_id, at, audit_id) where actor = 'token';
