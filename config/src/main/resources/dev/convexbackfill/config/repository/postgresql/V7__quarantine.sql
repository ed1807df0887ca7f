-- SHA-256 of the document that could not be changed, as it was read; null where it could not be read again.
alter table backfill_quarantine add column input_digest char(64);

-- The run whose quarantine this one tries again.
alter table backfill_run add column replay_of varchar(60) references backfill_run (name);

-- Ids are compared as the deployment orders them, byte by byte.
alter table backfill_quarantine alter column document_id type varchar(40) collate "C";
