-- A search for what still refers to documents by the ids that they had before a rollback put them back under new ones.
create table backfill_reference_search (
  run_name varchar(60) not null primary key references backfill_run (name),
  -- grows with each owner: what an earlier one still stores is refused
  fence bigint not null,
  -- the process that does it, and when that last said that it lives; null if none does
  holder varchar(50),
  seen_at timestamp(6) with time zone,
  stop_requested boolean not null,
  began_at timestamp(6) with time zone not null,
  -- null until it is complete
  ended_at timestamp(6) with time zone
);

-- how far each table is read
create table backfill_reference_table (
  run_name varchar(60) not null,
  table_name varchar(64) not null,
  state varchar(10) not null,
  -- the last document that is accounted for
  position varchar(40),
  documents bigint not null,
  primary key (run_name, table_name)
);

-- what was found, counted; of a table at most so many fields
create table backfill_reference_field (
  run_name varchar(60) not null,
  table_name varchar(64) not null,
  field varchar(500) not null,
  documents bigint not null,
  found bigint not null,
  primary key (run_name, table_name, field)
);

-- the first of each field
create table backfill_reference (
  run_name varchar(60) not null,
  table_name varchar(64) not null,
  field varchar(500) not null,
  reference_number int not null,
  document_id varchar(40) not null,
  old_id varchar(40) not null,
  new_id varchar(40) not null,
  primary key (run_name, table_name, field, reference_number)
);
