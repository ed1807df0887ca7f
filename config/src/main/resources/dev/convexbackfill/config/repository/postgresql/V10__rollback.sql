-- The run that this one undoes; also where the app has written since; and only these documents, their ids with spaces between.
alter table backfill_run add column rollback_of varchar(60) references backfill_run (name);
alter table backfill_run add column rollback_is_forced boolean not null default false;
alter table backfill_run add column rollback_only text;

-- The last document that a chunk accounts for. Ids are compared as the deployment orders them, byte by byte.
alter table backfill_journal add column position varchar(40) collate "C";
create index backfill_journal_position on backfill_journal (run_name, position);

-- SHA-256 of the document that was inserted, as it was then.
alter table backfill_id_mapping add column digest char(64);
alter table backfill_id_mapping alter column target_id type varchar(40) collate "C";
