-- The log (holi.v1.md §1) for several gateways: topics, their events and members, the devices that command, and the gateways that write.
-- 64-bit numbers are stored as they are: every one of them is below 2^63 by the protocol.
-- Rows that every batch updates leave room on their page, so that the new version of a row needs no new index entry (HOT).

-- One row: which log this is.
create table meta (
  id integer primary key check (id = 1),
  store_id uuid not null,
  -- Every topic's epoch is at least this one: raised when history was reset, so that no topic needs to be touched.
  epoch bigint not null,
  -- Where the log was when it was last found to be whole (PostgresHistory): another server's identity or timeline is another history.
  system_id text not null,
  timeline text not null,
  -- The transaction that wrote this row. A row that was dumped and restored was written by another.
  written_by xid8 not null
);

-- One row for each life of a gateway. Its count of batches tells a gateway whether a batch whose COMMIT went unanswered is here. A batch
-- locks its writer's row first: it waits until whatever that gateway still had on its way has ended.
create table writers (
  writer_id uuid primary key,
  -- Counts committed batches.
  last_batch bigint not null,
  seen_at timestamptz not null,
  -- The end of its chain of the audit trail.
  audit_id bigint not null,
  audit_hash bytea not null
) with (fillfactor = 20);

-- Numbers are reserved before a row is written, so that a batch knows them without asking again.
create sequence topic_ids;
create sequence device_ids;

create table topics (
  topic_id bigint primary key,
  tenant text not null,
  name text not null,
  epoch bigint not null,
  head bigint not null,
  title text,
  last_member bigint not null,
  member_count integer not null,
  unique (tenant, name)
) with (fillfactor = 70);

create table events (
  topic_id bigint not null,
  "offset" bigint not null,
  time_ms bigint not null,
  member bigint not null,
  type integer not null,
  payload bytea not null,
  -- The earlier event that this one edits, deletes or reacts to.
  target bigint,
  -- The command whose effect it is.
  device_id bigint,
  generation bigint,
  seq bigint,
  check8 bigint,
  -- The identity under which that command first travelled, where it is another.
  first_generation bigint,
  first_seq bigint,
  -- And the check it had then: copies of a device may have given one seq to different commands.
  first_check8 bigint,
  primary key (topic_id, "offset")
);

-- A command takes effect once: the committer sees to it, and these would stop it if it did not.
create unique index events_command on events (device_id, generation, seq) where device_id is not null;
create unique index events_first_command on events (device_id, first_generation, first_seq, first_check8) where first_generation is not null;
create index events_target on events (topic_id, target) where target is not null;
-- Refused commands (type 32, command.rejected): a device may ask for the few among a million that were not.
create index events_rejected on events (device_id, generation, seq) where type = 32;

create table members (
  topic_id bigint not null,
  "user" text not null,
  number bigint not null,
  role smallint not null,
  present boolean not null,
  first_offset bigint not null,
  delivered bigint not null,
  read bigint not null,
  primary key (topic_id, "user")
) with (fillfactor = 70);

create unique index members_number on members (topic_id, number);
create index members_user on members ("user", topic_id);

create table devices (
  device_id bigint primary key,
  tenant text not null,
  "user" text not null,
  device text not null,
  generation bigint not null,
  committed bigint not null,
  digest bytea not null,
  fence bigint not null,
  unique (tenant, "user", device)
) with (fillfactor = 70);
