-- How far runs that select documents by an index are with finding them.
create table backfill_selection (
  run_name varchar(60) not null primary key,
  -- where in the index the search goes on
  search_cursor text,
  passes int not null,
  found bigint not null,
  found_in_pass bigint not null,
  is_complete boolean not null,
  -- of two processes that search, only one goes on
  version bigint not null
);

-- What they have found. Ids are compared as the deployment orders them, byte by byte.
create table backfill_selected (
  run_name varchar(60) not null,
  document_id varchar(40) collate "C" not null,
  primary key (run_name, document_id)
);
