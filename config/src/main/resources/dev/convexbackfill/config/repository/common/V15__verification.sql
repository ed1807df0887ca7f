-- The run that this one verifies; and of each range only so many documents.
alter table backfill_run add column verification_of varchar(60) references backfill_run (name);
alter table backfill_run add column verification_sample int;

-- What a verification has found: of each kind and range at most some. Range -1 is what is wrong with the run itself, -2 what
-- only all documents together show.
create table backfill_mismatch (
  run_name varchar(60) not null,
  range_number int not null,
  mismatch_number int not null,
  kind varchar(20) not null,
  document_id varchar(40),
  field varchar(1000),
  expected varchar(1000),
  found varchar(1000),
  message varchar(2000) not null,
  -- SHA-256 of the whole documents, where it is about those
  expected_digest char(64),
  found_digest char(64),
  first_seen timestamp(6) with time zone not null,
  -- after a pause
  seen_again timestamp(6) with time zone not null,
  primary key (run_name, range_number, mismatch_number)
);

-- How much it has found, whether it is kept or not.
create table backfill_mismatch_count (
  run_name varchar(60) not null,
  range_number int not null,
  kind varchar(20) not null,
  mismatches bigint not null,
  primary key (run_name, range_number, kind)
);

-- What must be compared between all documents. The rows of a verification go when it is complete.
create table backfill_shared_value (
  run_name varchar(60) not null,
  kind varchar(200) not null,
  digest char(64) not null,
  document_id varchar(40) not null,
  primary key (run_name, kind, digest, document_id)
);
create index backfill_id_mapping_digest on backfill_id_mapping (run_name, digest);
