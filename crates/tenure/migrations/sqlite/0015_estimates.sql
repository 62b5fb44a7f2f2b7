-- What the planner has to know of tables whose key begins with the workspace and goes on with something else than the
-- person: that a person has fewer rows there than a workspace. Without it SQLite reads all rows of the workspace where it
-- looks for those of a person, also for each person who is added (to whom rows could refer). Only the order of the numbers counts:
-- they stay as near as can be to what SQLite takes for an index of which it knows nothing (10 rows for its first column),
-- so that no join begins elsewhere.
analyze sqlite_schema;
delete from sqlite_stat1 where tbl in ('team_members', 'project_people', 'batch_people');
insert into sqlite_stat1 (tbl, idx, stat) values
    ('team_members', 'team_members', '1000000 20 4 1'),
    ('team_members', 'team_members_by_name', '1000000 20 4 2 1'),
    ('team_members', 'team_members_person', '1000000 20 3 1'),
    ('project_people', 'project_people', '1000000 20 4 2 1'),
    ('project_people', 'project_people_person', '1000000 20 4 3 1'),
    ('batch_people', 'batch_people', '1000000 20 10 1'),
    ('batch_people', 'batch_people_waiting', '1000000 20 10 1'),
    ('batch_people', 'batch_people_person', '1000000 20 4');
