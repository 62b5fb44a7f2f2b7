-- Answers to requests that came with a key, so that a repeat of one is answered and not done again. Kept for a day.
create table answers (
    workspace_id blob not null,
    -- Whose key it is: a person's, or a token's.
    bearer_id blob not null,
    -- SHA-256 of the key.
    key_digest blob not null,
    -- SHA-256 of what was asked: method, address and body.
    asked_digest blob not null,
    at integer not null,
    -- Whether the request has changed something: said in the transaction of the change.
    acted integer not null default 0 check (acted in (0, 1)),
    -- Whether its answer is not to be kept: somebody was deleted since it began.
    forgotten integer not null default 0 check (forgotten in (0, 1)),
    -- The answer: none while it is not there, or is kept no longer.
    status integer,
    head text,
    body blob,
    primary key (workspace_id, bearer_id, key_digest),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict, without rowid;
create index answers_at on answers (workspace_id, at);
