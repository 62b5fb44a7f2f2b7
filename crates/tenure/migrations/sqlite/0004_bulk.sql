-- One action on many people, carried out in pieces; and the brake.

-- A batch. `target` is the team, organization, role or batch that the deed names. Who waits for their turn is
-- in batch_people; what is set aside of licenses is counted in workspaces.reserved as well.
create table batches (
    workspace_id blob not null,
    batch_id blob not null,
    kind text not null check (kind in ('user', 'customer')),
    deed text not null check (deed in
        ('deactivate', 'activate', 'delete', 'join-team', 'leave-team', 'role', 'organization', 'undo')),
    target text not null default '',
    -- Goes when the batch has come to its end.
    reason text,
    review_on text,
    state text not null check (state in ('running', 'paused', 'finished', 'cancelled')),
    paused_why text check (paused_why in ('brake', 'actor')),
    past_brake integer not null check (past_brake in (0, 1)),
    made integer not null,
    -- Who acts, as JSON: whoever began it, or let it go on.
    actor text not null,
    door text not null,
    request_id blob not null,
    total integer not null check (total >= 0),
    changed integer not null default 0,
    unchanged integer not null default 0,
    skipped integer not null default 0,
    sessions_ended integer not null default 0,
    licenses_freed integer not null default 0,
    reserved integer not null default 0 check (reserved >= 0),
    added_licenses integer not null default 0,
    owned_before integer not null,
    ended integer,
    undone_by blob,
    primary key (workspace_id, batch_id),
    foreign key (workspace_id) references workspaces (workspace_id),
    constraint ended_is_over check ((ended is null) = (state in ('running', 'paused'))),
    constraint paused_says_why check ((paused_why is null) = (state <> 'paused'))
) strict;
create index batches_made on batches (workspace_id, made, batch_id);
create index batches_open on batches (workspace_id, made, batch_id) where ended is null;
create index batches_ended on batches (workspace_id, ended) where ended is not null;

-- One of the many. No foreign key: the row outlives the person as a number. before and after are statuses as JSON,
-- for the undo; they go when the person is deleted.
create table batch_people (
    workspace_id blob not null,
    batch_id blob not null,
    place integer not null,
    person_id blob not null,
    outcome text check (outcome in ('changed', 'unchanged', 'skipped')),
    refusal text,
    words text,
    before text,
    after text,
    primary key (workspace_id, batch_id, place),
    foreign key (workspace_id, batch_id) references batches (workspace_id, batch_id)
) strict, without rowid;
create index batch_people_waiting on batch_people (workspace_id, batch_id, place) where outcome is null;
create index batch_people_person on batch_people (workspace_id, person_id);

-- The brake's settings, one row a workspace that ever needed one; what deactivates many locks it, so that two of
-- them do not pass it together.
create table brakes (
    workspace_id blob not null,
    is_on integer not null check (is_on in (0, 1)),
    share integer not null check (share between 1 and 100),
    minimum integer not null check (minimum between 1 and 1000000),
    version integer not null default 1,
    primary key (workspace_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;

-- Who was deactivated within the brake's window.
create index people_deactivated on people (workspace_id, kind, status_since) where status = 'deactivated';

alter table workspaces add column reserved integer not null default 0
    check (reserved >= 0 and used + reserved <= owned);
