-- The customer apps beside the portal: the help centre and the request form, each with "needs login".
alter table workspaces add column help_on integer not null default 0 check (help_on in (0, 1));
alter table workspaces add column help_login integer not null default 0 check (help_login in (0, 1));
alter table workspaces add column form_on integer not null default 0 check (form_on in (0, 1));
alter table workspaces add column form_login integer not null default 0 check (form_login in (0, 1));
-- What becomes of an anonymous request from the address of somebody deactivated, and what its sender reads when refused.
alter table workspaces add column form_policy text not null default 'flag' check (form_policy in ('flag', 'hold', 'refuse'));
alter table workspaces add column form_contact text not null default '';

-- How an item came, as far as it says who requested it: by the open form nobody has proved their address.
alter table items add column arrival text not null default 'known' check (arrival in ('known', 'unproven', 'flagged'));

-- Articles of the help centre. author_id goes when the author is deleted, as that of a message does.
create table articles (
    workspace_id blob not null,
    article_id blob not null,
    section text not null,
    section_key text not null,
    -- The order: of the articles of a section, and of sections by their first article.
    position integer not null,
    title text not null,
    -- The address at which it is read; article_slugs has those of before, too.
    slug text not null,
    -- Markdown.
    body text not null,
    search_text text not null,
    state text not null check (state in ('draft', 'published')),
    author_id blob,
    created integer not null,
    updated integer not null,
    version integer not null default 1,
    primary key (workspace_id, article_id),
    foreign key (workspace_id) references workspaces (workspace_id)
) strict;
create index articles_place on articles (workspace_id, position, article_id);
create index articles_author on articles (workspace_id, author_id, article_id) where author_id is not null;

create table article_slugs (
    workspace_id blob not null,
    slug text not null,
    article_id blob not null,
    primary key (workspace_id, slug),
    foreign key (workspace_id, article_id) references articles (workspace_id, article_id)
) strict, without rowid;
create index article_slugs_article on article_slugs (workspace_id, article_id);

-- Anonymous requests from the addresses of deactivated people that wait for an administrator.
create table held_requests (
    workspace_id blob not null,
    request_id blob not null,
    person_id blob not null,
    -- The name that its sender typed.
    name text not null,
    title text not null,
    body text not null,
    received integer not null,
    primary key (workspace_id, request_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
) strict;
create index held_requests_person on held_requests (workspace_id, person_id, request_id);
