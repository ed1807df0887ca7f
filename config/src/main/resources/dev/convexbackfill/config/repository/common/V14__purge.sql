-- What of the run is gone, or going: its JOURNAL, or ALL of it. Null while everything is there.
alter table backfill_run add column purged varchar(10);
