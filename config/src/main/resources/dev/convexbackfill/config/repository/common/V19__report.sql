-- which processes have executed a run
create table backfill_execution (
  run_name varchar(60) not null,
  execution_number int not null,
  process varchar(300) not null,
  program varchar(100) not null,
  began_at timestamp(6) with time zone not null,
  -- null while it goes on, and for ever if the process was killed
  ended_at timestamp(6) with time zone,
  state varchar(10),
  reason varchar(4000),
  primary key (run_name, execution_number)
);

-- what a run has done in stretches of time; neighbours are merged, so that there are never many
create table backfill_sample (
  run_name varchar(60) not null,
  sample_number int not null,
  execution_number int not null,
  began_at timestamp(6) with time zone not null,
  ended_at timestamp(6) with time zone not null,
  -- less than the time in between, where nothing executed the run for a part of it
  worked_millis bigint not null,
  documents_read bigint not null,
  changed bigint not null,
  unchanged bigint not null,
  deleted bigint not null,
  quarantined bigint not null,
  conflicts bigint not null,
  calls bigint not null,
  call_millis bigint not null,
  longest_call_millis bigint not null,
  -- reason=times/milliseconds, separated by spaces
  waits varchar(1000) not null,
  primary key (run_name, sample_number)
);

-- counted in the transaction that settles a chunk in the journal; they stay when that is dropped
create table backfill_field_change (
  run_name varchar(60) not null,
  range_number int not null,
  field varchar(1024) not null,
  added bigint not null,
  removed bigint not null,
  changed bigint not null,
  type_changed bigint not null,
  primary key (run_name, range_number, field)
);

-- the report of a run that is at rest, as it was when it ended
create table backfill_report (
  run_name varchar(60) not null primary key,
  run_state varchar(10) not null,
  run_ended_at timestamp(6) with time zone not null,
  content text not null
);
