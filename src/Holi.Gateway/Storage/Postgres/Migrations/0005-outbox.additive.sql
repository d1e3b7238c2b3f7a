-- Where a backend publishes inside a transaction of its own (backends.md §9). Rows are consumed in the order of their ids, and are gone then.
create table holi_outbox (
  id bigint generated always as identity primary key,
  v smallint,
  tenant text not null,
  key text not null,
  target text,
  kind text not null,
  content jsonb,
  payload bytea,
  deliver_at timestamptz,
  expires timestamptz,
  priority smallint,
  -- When it was inserted, which may be long before that is committed.
  created_at timestamptz not null default clock_timestamp()
);

-- What could not be published, as it was.
create table holi_outbox_dead (
  id bigint primary key,
  v smallint,
  tenant text not null,
  key text not null,
  target text,
  kind text not null,
  content jsonb,
  payload bytea,
  deliver_at timestamptz,
  expires timestamptz,
  priority smallint,
  created_at timestamptz not null,
  code integer not null,
  reason text not null,
  died_at timestamptz not null default clock_timestamp()
);

create function holi_outbox_notify() returns trigger language plpgsql as $$
begin
  perform pg_notify('holi_outbox', '');
  return null;
end
$$;

create trigger holi_outbox_is_told after insert on holi_outbox for each statement execute function holi_outbox_notify();
