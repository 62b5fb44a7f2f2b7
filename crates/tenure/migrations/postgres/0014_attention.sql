-- Syncs that the brake stopped: every page of an administrator says how many wait.
create index tokens_stopped on tokens (workspace_id) where scim_stopped is not null and revoked is null;
