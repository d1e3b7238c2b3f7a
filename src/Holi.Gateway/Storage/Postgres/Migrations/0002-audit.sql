-- The audit trail. Append-only; each row's hash covers the row before it of the same writer, and each chain's beginning covers the beginning
-- of the chain begun before it (AuditChain): a row, and a whole chain, that is missing shows.

create table audit_chains (
  chain_id bigint primary key,
  writer_id uuid not null unique,
  start bytea not null
);

create table audit (
  writer_id uuid not null,
  audit_id bigint not null,
  time_ms bigint not null,
  tenant text not null,
  "user" text not null,
  device text not null,
  action text not null,
  subject text not null,
  hash bytea not null,
  primary key (writer_id, audit_id)
);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit is append-only';
end
$$;

create trigger audit_is_not_changed before update or delete or truncate on audit
  for each statement execute function audit_is_append_only();
create trigger audit_chains_are_not_changed before update or delete or truncate on audit_chains
  for each statement execute function audit_is_append_only();
