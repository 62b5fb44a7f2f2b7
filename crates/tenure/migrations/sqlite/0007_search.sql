-- Search in what people write: descriptions and messages.

-- Each text that search knows, by a number of its own. message_id is null for an item's description.
create table texts (
    workspace_id blob not null,
    entry integer not null,
    item_id blob not null,
    message_id blob,
    primary key (workspace_id, entry),
    foreign key (workspace_id, item_id) references items (workspace_id, item_id),
    foreign key (workspace_id, message_id) references messages (workspace_id, message_id)
) strict, without rowid;
create unique index texts_description on texts (workspace_id, item_id) where message_id is null;
create unique index texts_message on texts (workspace_id, message_id) where message_id is not null;

-- The codes of a text's pieces, under its number; of the text itself nothing is kept here. A code is made of the
-- workspace too, so that none is shared. See docs/decisions/0013.
create virtual table text_index using fts5 (
    codes, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
