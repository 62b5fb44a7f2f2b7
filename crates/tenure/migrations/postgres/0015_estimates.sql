-- PostgreSQL counts for itself what its planner has to know.
select 1;
