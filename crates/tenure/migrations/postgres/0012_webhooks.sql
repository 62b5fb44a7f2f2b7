-- Webhooks: where a workspace has its events sent, and what becomes of each of them there.

-- Of the secret only the salt is kept: it is made of that and of a key outside the database. Deliveries have been made
-- of all events up to a place. One that was deleted is removed bit by bit, with its deliveries.
create table webhooks (
    workspace_id uuid not null,
    webhook_id uuid not null,
    name text collate "C" not null,
    url text collate "C" not null,
    -- * for everything, or words with a space between them.
    topics text collate "C" not null,
    -- Who made it: forgotten when they are deleted.
    maker_id uuid,
    created bigint not null,
    salt bytea not null,
    -- A former secret goes on signing for a while.
    former_salt bytea,
    former_until bigint,
    off_since bigint,
    off_why text collate "C" check (off_why in ('hand', 'deactivation', 'failures', 'gone', 'backup')),
    -- The step with which it was switched off, for its undo.
    off_by uuid,
    place bigint not null,
    last_success bigint,
    -- Since when nothing but failures, and the last of them.
    failing_since bigint,
    last_failure bigint,
    -- How many answers were kept: the next place among the few that are.
    answers bigint not null default 0,
    deleted bigint,
    primary key (workspace_id, webhook_id),
    foreign key (workspace_id) references workspaces (workspace_id),
    foreign key (workspace_id, maker_id) references people (workspace_id, person_id),
    constraint off_says_why check ((off_since is null) = (off_why is null)),
    constraint former_ends check ((former_salt is null) = (former_until is null))
);
create index webhooks_maker on webhooks (workspace_id, maker_id, webhook_id) where maker_id is not null;
create index webhooks_step on webhooks (workspace_id, off_by, webhook_id) where off_by is not null;

-- One event at one webhook. What is about the same subject or the same person arrives in the order of places: due is
-- null while an earlier one is pending. While a node is at it, claim is its number and due the end of its time.
create table deliveries (
    workspace_id uuid not null,
    delivery_id uuid not null,
    webhook_id uuid not null,
    event_id uuid not null,
    topic text collate "C" not null,
    subject_id uuid not null,
    person_id uuid,
    place bigint not null,
    -- What is sent: ids and words, never a name, an address or a text.
    body text collate "C" not null,
    state text collate "C" not null check (state in ('pending', 'delivered', 'dead')),
    -- Since when it is tried, this time round.
    since bigint not null,
    due bigint,
    claim uuid,
    attempts bigint not null default 0,
    ended bigint,
    primary key (workspace_id, delivery_id),
    unique (workspace_id, webhook_id, event_id),
    foreign key (workspace_id, webhook_id) references webhooks (workspace_id, webhook_id),
    constraint ended_once check ((state = 'pending') = (ended is null)),
    constraint only_pending_is_due check (state = 'pending' or (due is null and claim is null)),
    constraint claimed_has_an_end check (claim is null or due is not null)
);
create index deliveries_due on deliveries (workspace_id, webhook_id, due, place) where state = 'pending' and due is not null;
create index deliveries_subject on deliveries (workspace_id, webhook_id, subject_id, place) where state = 'pending';
create index deliveries_person on deliveries (workspace_id, webhook_id, person_id, place) where state = 'pending' and person_id is not null;
create index deliveries_log on deliveries (workspace_id, webhook_id, delivery_id);
create index deliveries_state on deliveries (workspace_id, webhook_id, state, delivery_id);
create index deliveries_ended on deliveries (workspace_id, ended, delivery_id) where ended is not null;

-- Each time it was tried.
create table delivery_attempts (
    workspace_id uuid not null,
    delivery_id uuid not null,
    attempt_id uuid not null,
    at bigint not null,
    millis bigint not null,
    status bigint,
    -- Why there was no answer, as a word.
    failure text collate "C" not null default '',
    primary key (workspace_id, delivery_id, attempt_id),
    foreign key (workspace_id, delivery_id) references deliveries (workspace_id, delivery_id)
);

-- The beginning of the last few answers that were no success. They are the receiver's words, and may name somebody: so they are
-- few, and all go whenever somebody is deleted.
create table delivery_answers (
    workspace_id uuid not null,
    webhook_id uuid not null,
    slot bigint not null,
    attempt_id uuid not null,
    at bigint not null,
    answer text collate "C" not null,
    primary key (workspace_id, webhook_id, slot),
    foreign key (workspace_id, webhook_id) references webhooks (workspace_id, webhook_id)
);
