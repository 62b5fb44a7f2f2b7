-- Answers to requests that came with a key, so that a repeat of one is answered and not done again. Kept for a day.
create table answers (
    workspace_id uuid not null,
    -- Whose key it is: a person's, or a token's.
    bearer_id uuid not null,
    -- SHA-256 of the key.
    key_digest bytea not null,
    -- SHA-256 of what was asked: method, address and body.
    asked_digest bytea not null,
    at bigint not null,
    -- Whether the request has changed something: said in the transaction of the change.
    acted boolean not null default false,
    -- Whether its answer is not to be kept: somebody was deleted since it began.
    forgotten boolean not null default false,
    -- The answer: none while it is not there, or is kept no longer.
    status bigint,
    head text collate "C",
    body bytea,
    primary key (workspace_id, bearer_id, key_digest),
    foreign key (workspace_id) references workspaces (workspace_id)
);
create index answers_at on answers (workspace_id, at);
