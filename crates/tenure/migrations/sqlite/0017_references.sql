-- SQLite writes one transaction at a time: a reference to the row of a workspace makes nobody wait, and stays.
select 1;
