-- Tokens that no longer count although they have not expired: for all gateways, and over their restarts. Numbers are given in the order in which they are
-- committed (PostgresRevoked.cs), so that whoever has read one has read all before it.
create table revoked_tokens (
  number bigint generated always as identity primary key,
  token_id text not null unique,
  expires_ms bigint not null
);
