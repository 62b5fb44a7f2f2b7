-- Whether customers of one organization see each other's requests in the portal.
alter table workspaces add column shared_requests boolean not null default false;
