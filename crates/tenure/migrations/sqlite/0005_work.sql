-- The work: projects, items (tickets and tasks), people's parts in them, conversations, history.
-- Nothing here has a foreign key to people: what a person held may be many rows, which a deletion removes in pieces.
-- Until the last piece a row may name somebody who is gone, as a number; whoever reads joins people. See departures.

create table projects (
    workspace_id blob not null,
    project_id blob not null,
    name text not null,
    name_key text not null,
    name_sort blob not null,
    description text not null default '',
    state text not null check (state in ('active', 'archived')),
    -- Unfinished items in it.
    items integer not null default 0 check (items >= 0),
    created integer not null,
    version integer not null default 1,
    primary key (workspace_id, project_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;
create unique index projects_name on projects (workspace_id, name_key);
create index projects_by_name on projects (workspace_id, state, name_sort, project_id);

create table project_people (
    workspace_id blob not null,
    project_id blob not null,
    person_id blob not null,
    part text not null check (part in ('assignee', 'follower')),
    since integer not null,
    primary key (workspace_id, project_id, person_id, part),
    foreign key (workspace_id, project_id) references projects (workspace_id, project_id)
) strict, without rowid;
create index project_people_person on project_people (workspace_id, person_id, part, project_id);

-- The last number given to an item: a row of its own, so that nobody who needs a license waits for it.
create table item_numbers (
    workspace_id blob not null,
    last integer not null,
    primary key (workspace_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;

-- How many items are in a list: one of each status, and the unfinished without an assignee.
create table item_counts (
    workspace_id blob not null,
    kind text not null check (kind in ('ticket', 'task')),
    list text not null check (list in ('new', 'open', 'waiting', 'done', 'closed', 'unassigned')),
    items integer not null check (items >= 0),
    primary key (workspace_id, kind, list),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;

create table items (
    workspace_id blob not null,
    item_id blob not null,
    number integer not null,
    kind text not null check (kind in ('ticket', 'task')),
    project_id blob,
    title text not null,
    -- Markdown, as typed, but that a mention holds an id instead of a name.
    description text not null default '',
    search_text text not null,
    status text not null check (status in ('new', 'open', 'waiting', 'done', 'closed')),
    -- 1 is the most urgent.
    priority integer not null check (priority between 1 and 4),
    -- A date such as 2026-11-24; '~', which sorts after every date, for none.
    due text not null default '~',
    requester_id blob,
    created_by blob,
    created_by_kind text not null check (created_by_kind in ('user', 'customer', 'machine')),
    assignees integer not null default 0 check (assignees >= 0),
    messages integer not null default 0 check (messages >= 0),
    created integer not null,
    updated integer not null,
    version integer not null default 1,
    primary key (workspace_id, item_id),
    foreign key (workspace_id) references workspaces (workspace_id),
    foreign key (workspace_id, project_id) references projects (workspace_id, project_id)
) strict;
create unique index items_number on items (workspace_id, number);
-- A list of several statuses or of both kinds is put together from one walk for each.
create index items_by_updated on items (workspace_id, kind, status, updated, item_id);
create index items_by_due on items (workspace_id, kind, status, due, item_id);
create index items_by_priority on items (workspace_id, kind, status, priority, item_id);
create index items_by_number on items (workspace_id, kind, status, number, item_id);
create index items_unassigned on items (workspace_id, kind, status, updated, item_id) where assignees = 0;
create index items_project on items (workspace_id, project_id, status, updated, item_id) where project_id is not null;
create index items_requester on items (workspace_id, requester_id, updated, item_id) where requester_id is not null;

-- finished repeats what the item's status says, so that a person's unfinished items are read without the others.
create table item_people (
    workspace_id blob not null,
    item_id blob not null,
    person_id blob not null,
    part text not null check (part in ('assignee', 'follower')),
    finished integer not null check (finished in (0, 1)),
    since integer not null,
    primary key (workspace_id, item_id, person_id, part),
    foreign key (workspace_id, item_id) references items (workspace_id, item_id)
) strict, without rowid;
create index item_people_person on item_people (workspace_id, person_id, part, finished, item_id);

-- How many unfinished items a person holds; off repeats that they are deactivated, so that what deactivated people
-- hold is found from the few who hold something, and a deactivation touches none of their items.
create table holdings (
    workspace_id blob not null,
    person_id blob not null,
    assigned integer not null default 0 check (assigned >= 0),
    -- Of those assigned.
    tasks integer not null default 0 check (tasks between 0 and assigned),
    following integer not null default 0 check (following >= 0),
    requested integer not null default 0 check (requested >= 0),
    off integer not null check (off in (0, 1)),
    primary key (workspace_id, person_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
) strict, without rowid;
create index holdings_off on holdings (workspace_id, off, assigned, person_id);

create table tags (
    workspace_id blob not null,
    tag_key text not null,
    name text not null,
    items integer not null check (items >= 0),
    primary key (workspace_id, tag_key),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;

create table item_tags (
    workspace_id blob not null,
    item_id blob not null,
    tag_key text not null,
    primary key (workspace_id, item_id, tag_key),
    foreign key (workspace_id, item_id) references items (workspace_id, item_id),
    foreign key (workspace_id, tag_key) references tags (workspace_id, tag_key)
) strict, without rowid;
create index item_tags_tag on item_tags (workspace_id, tag_key, item_id);

-- A reply is for all who see the item, a note for users only. author_id goes when the author is deleted.
create table messages (
    workspace_id blob not null,
    message_id blob not null,
    item_id blob not null,
    kind text not null check (kind in ('reply', 'note')),
    author_id blob,
    author_kind text not null check (author_kind in ('user', 'customer')),
    body text not null,
    created integer not null,
    primary key (workspace_id, message_id),
    foreign key (workspace_id, item_id) references items (workspace_id, item_id)
) strict;
create index messages_item on messages (workspace_id, item_id, created, message_id);
create index messages_author on messages (workspace_id, author_id, message_id) where author_id is not null;

create table mentions (
    workspace_id blob not null,
    message_id blob not null,
    person_id blob not null,
    item_id blob not null,
    at integer not null,
    primary key (workspace_id, message_id, person_id),
    foreign key (workspace_id, message_id) references messages (workspace_id, message_id)
) strict, without rowid;
create index mentions_person on mentions (workspace_id, person_id, at, message_id);

-- What changed in an item or a project, field by field. People stand here as ids.
create table changes (
    workspace_id blob not null,
    subject_id blob not null,
    change_id blob not null,
    at integer not null,
    actor text not null check (actor in ('person', 'cli', 'job', 'visitor')),
    actor_id blob,
    -- Of a person: user or customer; of the machine: the user name or the job.
    actor_label text not null,
    field text not null,
    before text not null default '',
    after text not null default '',
    primary key (workspace_id, subject_id, change_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict, without rowid;

-- The bytes of an attachment lie in the object store, under its id.
create table attachments (
    workspace_id blob not null,
    attachment_id blob not null,
    item_id blob not null,
    message_id blob,
    name text not null,
    media_type text not null,
    size integer not null check (size >= 0),
    digest text not null,
    uploader_id blob,
    uploader_kind text not null check (uploader_kind in ('user', 'customer')),
    created integer not null,
    primary key (workspace_id, attachment_id),
    foreign key (workspace_id, item_id) references items (workspace_id, item_id),
    foreign key (workspace_id, message_id) references messages (workspace_id, message_id)
) strict;
create index attachments_item on attachments (workspace_id, item_id, created, attachment_id);
create index attachments_message on attachments (workspace_id, message_id) where message_id is not null;
create index attachments_uploader on attachments (workspace_id, uploader_id, attachment_id) where uploader_id is not null;

-- Which items hold a piece of text, as grams says of people.
create table item_grams (
    workspace_id blob not null,
    gram text not null,
    item_id blob not null,
    primary key (workspace_id, gram, item_id),
    foreign key (workspace_id, item_id) references items (workspace_id, item_id)
) strict, without rowid;
create index item_grams_item on item_grams (workspace_id, item_id);

-- Somebody who was deleted and held more than one write removes: what is left of it goes in pieces.
create table departures (
    workspace_id blob not null,
    person_id blob not null,
    at integer not null,
    primary key (workspace_id, person_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;

-- Items given by one person to others, so that it can be taken back.
create table handovers (
    workspace_id blob not null,
    handover_id blob not null,
    giver_id blob not null,
    made integer not null,
    made_by blob,
    items integer not null,
    undone integer,
    primary key (workspace_id, handover_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;
create index handovers_made on handovers (workspace_id, made);

create table handover_items (
    workspace_id blob not null,
    handover_id blob not null,
    item_id blob not null,
    receiver_id blob not null,
    -- Whether the receiver was assigned before.
    held integer not null check (held in (0, 1)),
    primary key (workspace_id, handover_id, item_id),
    foreign key (workspace_id, handover_id) references handovers (workspace_id, handover_id),
    foreign key (workspace_id, item_id) references items (workspace_id, item_id)
) strict, without rowid;
