-- H2's bytea ends at 1 MiB, which a chunk of large documents can exceed.
alter table backfill_journal alter column changes binary large object not null;
