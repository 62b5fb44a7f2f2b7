-- Tokens of the JSON API. Of the token itself only the digest is kept.

-- person_id is whose a personal token is, and who made a service token: that goes when they are deleted.
-- suspended_by is the step or the change of many people with which it was suspended, for their undo. A token that
-- was revoked stays as a name for the audit log.
create table tokens (
    workspace_id uuid not null,
    token_id uuid not null,
    kind text collate "C" not null check (kind in ('personal', 'service')),
    person_id uuid,
    name text collate "C" not null,
    token_hash bytea not null,
    -- Words with a space between them.
    scopes text collate "C" not null,
    created bigint not null,
    expires bigint,
    last_used bigint,
    suspended bigint,
    suspended_why text collate "C" check (suspended_why in ('deactivation', 'hand', 'backup')),
    suspended_by uuid,
    revoked bigint,
    primary key (workspace_id, token_id),
    unique (workspace_id, token_hash),
    foreign key (workspace_id) references workspaces (workspace_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id),
    constraint personal_is_somebodys check (kind = 'service' or person_id is not null),
    constraint personal_expires check (kind = 'service' or expires is not null),
    constraint suspended_says_why check ((suspended is null) = (suspended_why is null))
);
create index tokens_person on tokens (workspace_id, person_id, token_id) where person_id is not null;
create index tokens_kind on tokens (workspace_id, kind, token_id) where revoked is null;
create index tokens_step on tokens (workspace_id, suspended_by, token_id) where suspended_by is not null;

alter table batches add column tokens_suspended bigint not null default 0;

-- Tokens are actors, too.
alter table audit drop constraint audit_actor_check;
alter table audit add constraint audit_actor_check check (actor in ('person', 'token', 'cli', 'job', 'visitor'));
alter table changes drop constraint changes_actor_check;
alter table changes add constraint changes_actor_check check (actor in ('person', 'token', 'cli', 'job', 'visitor'));

-- The audit log by what tokens did: entries of a personal one stand under its owner, too.
create index audit_tokens on audit (workspace_id, at, audit_id) where actor = 'token';
