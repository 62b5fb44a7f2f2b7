-- Rows no longer refer to the row of their workspace, whose counters every change of an account moves: each reference
-- locked that row until its transaction ended, and each locked version had to be asked who had locked it, by every
-- reader, until the next vacuum (docs/decisions/0026). A workspace is never deleted, and what reads or writes a row
-- has found its workspace before.
alter table hosts drop constraint hosts_workspace_id_fkey;
alter table people drop constraint people_workspace_id_fkey;
alter table teams drop constraint teams_workspace_id_fkey;
alter table license_spans drop constraint license_spans_workspace_id_fkey;
alter table license_days drop constraint license_days_workspace_id_fkey;
alter table steps drop constraint steps_workspace_id_fkey;
alter table audit drop constraint audit_workspace_id_fkey;
alter table audit_heads drop constraint audit_heads_workspace_id_fkey;
alter table organizations drop constraint organizations_workspace_id_fkey;
alter table deleted_people drop constraint deleted_people_workspace_id_fkey;
alter table batches drop constraint batches_workspace_id_fkey;
alter table brakes drop constraint brakes_workspace_id_fkey;
alter table projects drop constraint projects_workspace_id_fkey;
alter table item_numbers drop constraint item_numbers_workspace_id_fkey;
alter table item_counts drop constraint item_counts_workspace_id_fkey;
alter table items drop constraint items_workspace_id_fkey;
alter table tags drop constraint tags_workspace_id_fkey;
alter table changes drop constraint changes_workspace_id_fkey;
alter table departures drop constraint departures_workspace_id_fkey;
alter table handovers drop constraint handovers_workspace_id_fkey;
alter table articles drop constraint articles_workspace_id_fkey;
alter table tokens drop constraint tokens_workspace_id_fkey;
alter table events drop constraint events_workspace_id_fkey;
alter table event_ends drop constraint event_ends_workspace_id_fkey;
alter table answers drop constraint answers_workspace_id_fkey;
alter table webhooks drop constraint webhooks_workspace_id_fkey;
