-- The log (holi.v1.md §1): topics, their events and members, the devices that command, and the audit trail.
-- 64-bit numbers are stored as they are: every one of them is below 2^63 by the protocol.

-- One row: which store this is and how far its one writer has come.
create table meta (
  id integer primary key check (id = 1),
  store_id text not null,
  -- Given to topics; the second in which the store began or was restored, so that no two lives of a store share one.
  epoch integer not null,
  -- Counts openings.
  incarnation integer not null,
  -- Counts committed batches.
  last_batch integer not null,
  -- Which file it was when it was last opened; a copy is another (FileIdentity).
  file_identity text
);

create table topics (
  topic_id integer primary key,
  tenant text not null,
  name text not null,
  epoch integer not null,
  head integer not null,
  title text,
  last_member integer not null,
  member_count integer not null,
  unique (tenant, name)
);

-- Clustered by topic and offset: a catch-up reads neighbouring pages.
create table events (
  topic_id integer not null,
  "offset" integer not null,
  time_ms integer not null,
  member integer not null,
  type integer not null,
  payload blob not null,
  -- The earlier event that this one edits, deletes or reacts to.
  target integer,
  -- The command whose effect it is.
  device_id integer,
  generation integer,
  seq integer,
  check8 integer,
  -- The identity under which that command first travelled, where it is another.
  first_generation integer,
  first_seq integer,
  -- And the check it had then: copies of a device may have given one seq to different commands.
  first_check8 integer,
  primary key (topic_id, "offset")
) without rowid;

-- A command takes effect once: the committer sees to it, and these would stop it if it did not.
create unique index events_command on events (device_id, generation, seq) where device_id is not null;
create unique index events_first_command on events (device_id, first_generation, first_seq, first_check8) where first_generation is not null;
create index events_target on events (topic_id, target) where target is not null;
-- Refused commands (type 32, command.rejected): a device may ask for the few among a million that were not.
create index events_rejected on events (device_id, generation, seq) where type = 32;

create table members (
  topic_id integer not null,
  user text not null,
  number integer not null,
  role integer not null,
  present integer not null,
  first_offset integer not null,
  delivered integer not null,
  read integer not null,
  primary key (topic_id, user)
) without rowid;

create unique index members_number on members (topic_id, number);
create index members_user on members (user, topic_id);

create table devices (
  device_id integer primary key,
  tenant text not null,
  user text not null,
  device text not null,
  generation integer not null,
  committed integer not null,
  digest blob not null,
  fence integer not null,
  unique (tenant, user, device)
);

-- Append-only; each row's hash covers the row before it (AuditChain).
create table audit (
  audit_id integer primary key,
  time_ms integer not null,
  tenant text not null,
  user text not null,
  device text not null,
  action text not null,
  subject text not null,
  hash blob not null
);

create trigger audit_is_not_changed before update on audit begin select raise(abort, 'audit is append-only'); end;
create trigger audit_is_not_deleted before delete on audit begin select raise(abort, 'audit is append-only'); end;
