-- With how long somebody has had their status: idle licenses are counted in the index alone.
drop index people_status_sign_in;
create index people_status_sign_in on people (workspace_id, kind, status, last_sign_in, person_id, status_since);
