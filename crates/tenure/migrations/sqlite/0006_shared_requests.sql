-- Whether customers of one organization see each other's requests in the portal.
alter table workspaces add column shared_requests integer not null default 0 check (shared_requests in (0, 1));
