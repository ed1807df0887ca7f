-- What a run is, and how far it is.
create table backfill_run (
  name varchar(60) not null primary key,
  -- proves to the deployment's ledger that this repository started the run
  token varchar(36) not null,
  deployment_url varchar(1000) not null,
  table_name varchar(64) not null,
  plan_path varchar(4000),
  plan_text text not null,
  -- of what the plan does to documents: a change of it must be accepted
  plan_digest char(64) not null,
  state varchar(10) not null,
  -- why it stopped or failed; what it waits for while it runs
  reason varchar(4000),
  stop_requested boolean not null default false,
  created_at timestamp(6) with time zone not null,
  started_at timestamp(6) with time zone,
  ended_at timestamp(6) with time zone
);

-- The ranges of a run: computed once, never again. Counts follow the ledger in the deployment, which is the truth.
create table backfill_range (
  run_name varchar(60) not null references backfill_run (name),
  range_number int not null,
  after_id varchar(40),
  through_id varchar(40),
  ledger_id varchar(40),
  -- the newest owner; older ones may not write to the journal
  fence bigint not null default 0,
  sequence bigint not null default 0,
  position varchar(40),
  is_done boolean not null default false,
  documents_read bigint not null default 0,
  changed bigint not null default 0,
  unchanged bigint not null default 0,
  deleted bigint not null default 0,
  quarantined bigint not null default 0,
  conflicts bigint not null default 0,
  unsettled int not null default 0,
  primary key (run_name, range_number)
);

-- What documents held before each chunk. A row counts only if it is settled: then the ledger has the chunk, by that fence.
create table backfill_journal (
  run_name varchar(60) not null,
  range_number int not null,
  sequence bigint not null,
  fence bigint not null,
  settled boolean not null default false,
  documents int not null,
  -- of all fields: the chunk's changes as they were sent, compressed
  changes bytea not null,
  -- ids of the documents that the chunk left alone, as a JSON array
  skipped text,
  primary key (run_name, range_number, sequence, fence)
);

-- Documents that the run could not change. A row counts under the same rule as the journal's.
create table backfill_quarantine (
  run_name varchar(60) not null,
  document_id varchar(40) not null,
  range_number int not null,
  sequence bigint not null,
  fence bigint not null,
  reason varchar(20) not null,
  message varchar(2000) not null,
  plan_digest char(64) not null,
  created_at timestamp(6) with time zone not null,
  primary key (run_name, document_id)
);
create index backfill_quarantine_range on backfill_quarantine (run_name, range_number, sequence);
