-- The transparency log: what must be the same for every device, in the order in which it became true.
-- Nothing here is ever changed or deleted; no role has the right to.
create schema log;
grant usage on schema log to starling_coordinator;

create table log.entry (
  position  bigint primary key check (position >= 0),
  -- what this leaf is the only one about: a second key of an epoch or a second record of a slot cannot be logged
  subject   text not null unique,
  leaf      bytea not null check (length(leaf) < 65536)
);

-- Roots of complete subtrees: the 2^level leaves from index · 2^level on. Level 0 are the leaves' hashes.
create table log.node (
  level  smallint not null check (level >= 0),
  index  bigint not null check (index >= 0),
  hash   bytea not null check (length(hash) = 32),
  primary key (level, index)
);

create table log.head (
  number     bigint primary key check (number >= 0),
  -- unix ms, a multiple of the log's interval: at most one head of each moment
  timestamp  bigint not null unique,
  size       bigint not null check (size >= 0),
  root       bytea not null check (length(root) = 32),
  signature  bytea not null check (length(signature) = 64)
);

grant select, insert on log.entry, log.node, log.head to starling_coordinator;

-- Where a fact stands in the log; null until it does.
alter table keys.manifest add column leaf bigint;
grant update (leaf) on keys.manifest to starling_coordinator;
create index manifest_unlogged on keys.manifest (use_case) where leaf is null;

-- R's leaf, and that of the result or the abandonment; the released aggregate's SHA-256.
alter table rounds.round add column leaf bigint, add column end_leaf bigint, add column aggregate_digest bytea;
grant update (leaf, end_leaf) on rounds.round to starling_coordinator;
grant update (aggregate_digest) on rounds.round to starling_worker;
create index round_endless on rounds.round (use_case) where leaf is not null and end_leaf is null;

-- The accepted list of a published round: SHA-256(H) of each update that counts, sorted by value.
create function rounds.accepted_list(p_round_id uuid) returns setof bytea
language sql stable security definer set search_path = '' as $$
  select f.header_digest from rounds.frozen f join rounds.round r on r.id = f.round_id
   where f.round_id = p_round_id and r.state = 'published' order by f.position
$$;
grant execute on function rounds.accepted_list(uuid) to starling_coordinator;
