-- Customers and their organizations.
-- Counters of customers stand beside those of users; customers hold no license.
alter table workspaces add column customers_active bigint not null default 0 check (customers_active >= 0);
alter table workspaces add column customers_invited bigint not null default 0 check (customers_invited >= 0);
alter table workspaces add column customers_expired bigint not null default 0 check (customers_expired >= 0);
alter table workspaces add column customers_deactivated bigint not null default 0 check (customers_deactivated >= 0);
alter table workspaces add column customers_never bigint not null default 0 check (customers_never >= 0);

create table organizations (
    workspace_id uuid not null,
    organization_id uuid not null,
    name text collate "C" not null,
    name_key text collate "C" not null,
    name_sort bytea not null,
    members bigint not null default 0 check (members >= 0),
    created bigint not null,
    version bigint not null default 1,
    primary key (workspace_id, organization_id),
    foreign key (workspace_id) references workspaces (workspace_id)
);
create unique index organizations_name on organizations (workspace_id, name_key);
create index organizations_by_name on organizations (workspace_id, name_sort, organization_id);

-- A domain belongs to one organization: a new customer's address says which one they join.
create table organization_domains (
    workspace_id uuid not null,
    domain text collate "C" not null,
    organization_id uuid not null,
    primary key (workspace_id, domain),
    foreign key (workspace_id, organization_id) references organizations (workspace_id, organization_id)
);
create index organization_domains_of on organization_domains (workspace_id, organization_id, domain);

-- As team_members, but that a customer is in at most one.
create table organization_members (
    workspace_id uuid not null,
    organization_id uuid not null,
    person_id uuid not null,
    name_sort bytea not null,
    joined bigint not null,
    primary key (workspace_id, organization_id, person_id),
    foreign key (workspace_id, organization_id) references organizations (workspace_id, organization_id),
    foreign key (workspace_id, person_id) references people (workspace_id, person_id)
);
create unique index organization_members_person on organization_members (workspace_id, person_id);
create index organization_members_by_name on organization_members (workspace_id, organization_id, name_sort, person_id);

-- Whether a customer is in an organization, as people.teams says of a user in how many teams.
alter table people add column organizations bigint not null default 0 check (organizations between 0 and 1);
create index people_orgless on people (workspace_id, kind, name_sort, person_id)
    where kind = 'customer' and organizations = 0;
drop index people_teamless;
create index people_teamless on people (workspace_id, kind, name_sort, person_id) where kind = 'user' and teams = 0;

-- Whether customers may register themselves in the portal.
alter table workspaces add column registration boolean not null default false;

-- Of who was deleted this is kept, so that the audit log can call them "Deleted user" or "Deleted customer".
create table deleted_people (
    workspace_id uuid not null,
    person_id uuid not null,
    kind text collate "C" not null check (kind in ('user', 'customer')),
    primary key (workspace_id, person_id),
    foreign key (workspace_id) references workspaces (workspace_id)
);
