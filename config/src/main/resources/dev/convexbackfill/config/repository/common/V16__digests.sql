-- of the documents that the chunk has found to need no change
alter table backfill_journal add column unchanged int not null default 0;
alter table backfill_journal add column unchanged_digest bigint;

-- digest of the inserted document, without its id, as the deployment computes it
alter table backfill_id_mapping add column content bigint;
