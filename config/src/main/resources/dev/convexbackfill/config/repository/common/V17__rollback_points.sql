-- What the deployment was when a run began: its schema, its indexes, its counts, as JSON; or why that is not known.
create table backfill_rollback_point (
  run_name varchar(60) primary key references backfill_run (name),
  point text,
  problem varchar(1000)
);
