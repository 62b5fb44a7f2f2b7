-- The customer apps beside the portal: the help centre and the request form, each with "needs login".
alter table workspaces add column help_on boolean not null default false;
alter table workspaces add column help_login boolean not null default false;
alter table workspaces add column form_on boolean not null default false;
alter table workspaces add column form_login boolean not null default false;
-- What becomes of an anonymous request from the address of somebody deactivated, and what its sender reads when refused.
alter table workspaces add column form_policy text collate "C" not null default 'flag' check (form_policy in ('flag', 'hold', 'refuse'));
alter table workspaces add column form_contact text collate "C" not null default '';

-- How an item came, as far as it says who requested it: by the open form nobody has proved their address.
alter table items add column arrival text collate "C" not null default 'known' check (arrival in ('known', 'unproven', 'flagged'));

-- Articles of the help centre. author_id goes when the author is deleted, as that of a message does.
create table articles (
    workspace_id uuid not null,
    article_id uuid not null,
    section text collate "C" not null,
    section_key text collate "C" not null,
    -- The order: of the articles of a section, and of sections by their first article.
    position bigint not null,
    title text collate "C" not null,
    -- The address at which it is read; article_slugs has those of before, too.
    slug text collate "C" not null,
    -- Markdown.
    body text collate "C" not null,
    search_text text collate "C" not null,
    state text collate "C" not null check (state in ('draft', 'published')),
    author_id uuid,
    created bigint not null,
    updated bigint not null,
    version bigint not null default 1,
    primary key (workspace_id, article_id),
    foreign key (workspace_id) references workspaces (workspace_id)
);
create index articles_place on articles (workspace_id, position, article_id);
create index articles_author on articles (workspace_id, author_id, article_id) where author_id is not null;

create table article_slugs (
    workspace_id uuid not null,
    slug text collate "C" not null,
    article_id uuid not null,
    primary key (workspace_id, slug),
    foreign key (workspace_id, article_id) references articles (workspace_id, article_id)
);
create index article_slugs_article on article_slugs (workspace_id, article_id);

-- Anonymous requests from the addresses of deactivated people that wait for an administrator.
create table held_requests (
    workspace_id uuid not null,
    request_id uuid not null,
    person_id uuid not null,
    -- The name that its sender typed.
    name text collate "C" not null,
    title text collate "C" not null,
    body text collate "C" not null,
    received bigint not null,
    primary key (workspace_id, request_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
);
create index held_requests_person on held_requests (workspace_id, person_id, request_id);
