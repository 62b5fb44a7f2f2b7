-- One action on many people, carried out in pieces; and the brake.

-- A batch. `target` is the team, organization, role or batch that the deed names. Who waits for their turn is
-- in batch_people; what is set aside of licenses is counted in workspaces.reserved as well.
create table batches (
    workspace_id uuid not null,
    batch_id uuid not null,
    kind text collate "C" not null check (kind in ('user', 'customer')),
    deed text collate "C" not null check (deed in
        ('deactivate', 'activate', 'delete', 'join-team', 'leave-team', 'role', 'organization', 'undo')),
    target text collate "C" not null default '',
    -- Goes when the batch has come to its end.
    reason text collate "C",
    review_on text collate "C",
    state text collate "C" not null check (state in ('running', 'paused', 'finished', 'cancelled')),
    paused_why text collate "C" check (paused_why in ('brake', 'actor')),
    past_brake boolean not null,
    made bigint not null,
    -- Who acts, as JSON: whoever began it, or let it go on.
    actor text collate "C" not null,
    door text collate "C" not null,
    request_id uuid not null,
    total bigint not null check (total >= 0),
    changed bigint not null default 0,
    unchanged bigint not null default 0,
    skipped bigint not null default 0,
    sessions_ended bigint not null default 0,
    licenses_freed bigint not null default 0,
    reserved bigint not null default 0 check (reserved >= 0),
    added_licenses bigint not null default 0,
    owned_before bigint not null,
    ended bigint,
    undone_by uuid,
    primary key (workspace_id, batch_id),
    foreign key (workspace_id) references workspaces (workspace_id),
    constraint ended_is_over check ((ended is null) = (state in ('running', 'paused'))),
    constraint paused_says_why check ((paused_why is null) = (state <> 'paused'))
);
create index batches_made on batches (workspace_id, made, batch_id);
create index batches_open on batches (workspace_id, made, batch_id) where ended is null;
create index batches_ended on batches (workspace_id, ended) where ended is not null;

-- One of the many. No foreign key: the row outlives the person as a number. before and after are statuses as JSON,
-- for the undo; they go when the person is deleted.
create table batch_people (
    workspace_id uuid not null,
    batch_id uuid not null,
    place bigint not null,
    person_id uuid not null,
    outcome text collate "C" check (outcome in ('changed', 'unchanged', 'skipped')),
    refusal text collate "C",
    words text collate "C",
    before text collate "C",
    after text collate "C",
    primary key (workspace_id, batch_id, place),
    foreign key (workspace_id, batch_id) references batches (workspace_id, batch_id)
);
create index batch_people_waiting on batch_people (workspace_id, batch_id, place) where outcome is null;
create index batch_people_person on batch_people (workspace_id, person_id);

-- The brake's settings, one row a workspace that ever needed one; what deactivates many locks it, so that two of
-- them do not pass it together.
create table brakes (
    workspace_id uuid not null,
    is_on boolean not null,
    share bigint not null check (share between 1 and 100),
    minimum bigint not null check (minimum between 1 and 1000000),
    version bigint not null default 1,
    primary key (workspace_id),
    foreign key (workspace_id) references workspaces (workspace_id)
);

-- Who was deactivated within the brake's window.
create index people_deactivated on people (workspace_id, kind, status_since) where status = 'deactivated';

alter table workspaces add column reserved bigint not null default 0
    check (reserved >= 0 and used + reserved <= owned);
