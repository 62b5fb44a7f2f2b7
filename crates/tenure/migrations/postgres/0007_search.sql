-- Search in what people write: descriptions and messages.

-- Each text that search knows, by a number of its own. message_id is null for an item's description.
create table texts (
    workspace_id uuid not null,
    entry bigint not null generated always as identity,
    item_id uuid not null,
    message_id uuid,
    primary key (workspace_id, entry),
    foreign key (workspace_id, item_id) references items (workspace_id, item_id),
    foreign key (workspace_id, message_id) references messages (workspace_id, message_id)
);
create unique index texts_description on texts (workspace_id, item_id) where message_id is null;
create unique index texts_message on texts (workspace_id, message_id) where message_id is not null;

-- The codes of a text's pieces, under its number; of the text itself nothing is kept here. A code is made of the
-- workspace too, so that none is shared. See docs/decisions/0013.
create table text_index (
    workspace_id uuid not null,
    entry bigint not null,
    codes integer[] not null,
    primary key (workspace_id, entry),
    foreign key (workspace_id, entry) references texts (workspace_id, entry)
);
create index text_index_codes on text_index using gin (codes);
