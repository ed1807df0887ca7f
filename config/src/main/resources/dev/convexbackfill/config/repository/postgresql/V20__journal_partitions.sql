-- The journal of each run is a partition, made with the run, so that it can be dropped at once: no row is deleted, and no space is
-- left behind. There is no default partition: each new one would have to wait until all of it was searched.

-- a run that is being created would have no place in what follows
lock table backfill_run in share mode;

alter table backfill_journal rename to backfill_journal_0;
alter index backfill_journal_pkey rename to backfill_journal_0_pkey;
alter index backfill_journal_position rename to backfill_journal_0_position;

create table backfill_journal (like backfill_journal_0 including defaults) partition by list (run_name);
alter table backfill_journal add primary key (run_name, range_number, sequence, fence);
create index backfill_journal_position on backfill_journal (run_name, position);

-- Which partition the journal of a run is in: backfill_journal_NUMBER. A run that journals nothing has none.
create table backfill_journal_partition (
  run_name varchar(60) not null primary key,
  number bigint not null
);
create sequence backfill_journal_number;

-- The runs until now stay together, so that no row has to be moved.
insert into backfill_journal_partition (run_name, number)
  select name, 0 from backfill_run where verification_of is null
  union select distinct run_name, 0 from backfill_journal_0;

do $$
declare
  runs text;
begin
  select string_agg(quote_literal(run_name), ', ') into runs from backfill_journal_partition;
  if runs is null then
    drop table backfill_journal_0;
  else
    execute format('alter table backfill_journal attach partition backfill_journal_0 for values in (%s)', runs);
  end if;
end
$$;
