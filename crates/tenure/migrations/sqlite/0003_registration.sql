-- When a customer registered themself in the portal, until an administrator sends them a link.
alter table people add column registered integer;
