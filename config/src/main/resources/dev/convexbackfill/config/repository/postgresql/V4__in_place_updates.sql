-- Each chunk updates these rows; with room in their pages the new versions stay beside the old and no index is touched.
alter table batch_step_execution set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
alter table batch_step_execution_context set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
alter table backfill_range set (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
