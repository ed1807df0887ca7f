-- How a run writes: patch, replace, delete, or insertInto and the table.
alter table backfill_run add column write_mode varchar(80) not null default 'patch';

-- Which document a run has inserted for which. A row is stored in the transaction that settles its chunk, so every row counts.
create table backfill_id_mapping (
  run_name varchar(60) not null,
  source_id varchar(40) not null,
  target_id varchar(40) not null,
  primary key (run_name, source_id)
);
create unique index backfill_id_mapping_target on backfill_id_mapping (run_name, target_id);
