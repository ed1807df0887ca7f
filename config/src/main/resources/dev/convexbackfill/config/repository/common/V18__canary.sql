-- A run that first changes a uniform slice of its documents, and none of the others before that is approved.
create table backfill_canary (
  run_name varchar(60) not null primary key references backfill_run (name),
  -- as it was asked for: a number of documents, or a part of them
  asked varchar(20) not null,
  is_auto_approved boolean not null,
  phase varchar(10) not null,
  -- how many documents the slice has, and of how many if a part was asked for; once known, they stay
  documents bigint,
  of_documents bigint,
  is_estimate boolean not null default false,
  -- the run that verifies the slice, and what it has found to be wrong
  verification varchar(60),
  mismatches bigint,
  approved_by varchar(200),
  approved_at timestamp(6) with time zone
);
