-- What backends have published (backends.md): one row for each key, its idempotency record; while a publication waits for its time, its
-- content is in the row, too, and goes with the very update that says what became of it.
create table publications (
  -- Ascending: those of one time are appended in the order in which they were submitted.
  publication_id integer primary key,
  tenant text not null,
  key text not null,
  digest blob not null,
  topic text not null,
  stage integer not null,
  "offset" integer not null,
  code integer not null,
  -- When the stage became final; from then on the row is kept for as long as keys are remembered.
  decided_ms integer,
  -- While it is scheduled:
  due_ms integer,
  type integer,
  payload blob,
  expires_ms integer,
  publisher text,
  road text,
  unique (tenant, key)
);

create index publications_due on publications (due_ms, publication_id) where due_ms is not null;
create index publications_decided on publications (decided_ms) where decided_ms is not null;
