-- A run can also write by a function of the app's own: call, and its path.
alter table backfill_run alter column write_mode set data type varchar(300);
