-- Researchers' API keys, hashed at rest.
create table access.api_key (
  key_hash    bytea primary key,
  name        text not null,
  scopes      text[] not null,
  created_at  timestamptz not null default now(),
  revoked     boolean not null default false
);
grant select, insert on access.api_key to starling_coordinator;
grant update (revoked) on access.api_key to starling_coordinator;
