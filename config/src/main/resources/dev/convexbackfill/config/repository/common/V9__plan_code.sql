-- The code that the plan names, as JSON: a run goes on with what it was launched with.
alter table backfill_run add column plan_code text;
