-- What the planner has to know of tables whose key begins with the workspace and goes on with something else than the
-- person: that a workspace has many rows there, and a person few. Without it SQLite reads all rows of the workspace where it
-- looks for those of a person, also for each person who is added (to whom rows could refer).
analyze sqlite_schema;
delete from sqlite_stat1 where tbl in ('team_members', 'project_people', 'batch_people');
insert into sqlite_stat1 (tbl, idx, stat) values
    ('team_members', 'team_members', '1000000 1000000 1000 1'),
    ('team_members', 'team_members_by_name', '1000000 1000000 1000 2 1'),
    ('team_members', 'team_members_person', '1000000 1000000 3 1'),
    ('project_people', 'project_people', '100000 100000 100 2 1'),
    ('project_people', 'project_people_person', '100000 100000 10 5 1'),
    ('batch_people', 'batch_people', '1000000 1000000 1000 1'),
    ('batch_people', 'batch_people_waiting', '100000 100000 1000 1'),
    ('batch_people', 'batch_people_person', '1000000 1000000 10');
