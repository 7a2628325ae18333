-- When and how much: rounds, what was frozen, what was folded, models and what they are worth.
create table rounds.round (
  id               uuid primary key default gen_random_uuid(),
  use_case         text not null,
  sequence         int not null,
  state            text not null default 'scheduled'
                   check (state in ('scheduled', 'open', 'frozen', 'published', 'abandoned')),
  reason           text check (reason in ('too_few', 'aborted', 'failed')),
  detail           text,
  min              int not null check (min > 0),
  target           int not null check (target >= min),
  deadline_ms      int not null check (deadline_ms > 0),
  jitter_ms        int not null check (jitter_ms >= 0),
  created_at       timestamptz not null default now(),
  -- taken with the slot: from here on no token is issued for it
  epoch            int,
  slot             int,
  issued           int,
  sealed_at        timestamptz,
  -- fixed at opening: the record R that every device sees
  manifest_digest  bytea,
  model_in         bytea,
  record           bytea,
  record_digest    bytea unique,
  opened_at        timestamptz,
  closes_at        timestamptz,
  -- fixed at freezing
  frozen_at        timestamptz,
  accepted         int,
  accepted_root    bytea,
  shards           int,
  -- fixed at publishing
  model_out        bytea,
  published_at     timestamptz,
  bodies_deleted   boolean not null default false,
  -- never written: a column to hold the privilege that FOR SHARE asks for
  share_lock       boolean,
  unique (use_case, sequence),
  unique (use_case, epoch, slot),
  check (state <> 'abandoned' or reason is not null),
  check (state not in ('open', 'frozen', 'published') or (record is not null and closes_at is not null)),
  check (state <> 'published' or model_out is not null)
);
create index round_unfinished on rounds.round (state) where state in ('scheduled', 'open', 'frozen');

create table rounds.frozen (
  round_id        uuid not null references rounds.round,
  position        int not null,
  header_digest   bytea not null,
  body_id         bytea not null unique,
  payload_digest  bytea not null,
  weight_level    smallint not null,
  primary key (round_id, position),
  unique (round_id, header_digest)
);

create table rounds.partial (
  round_id      uuid not null references rounds.round,
  shard         int not null,
  submissions   int not null,
  total_weight  bigint not null,
  file_id       bytea not null,
  digest        bytea not null,
  primary key (round_id, shard)
);

create table rounds.model (
  use_case      text not null,
  version       int not null,
  digest        bytea not null,
  round_id      uuid unique references rounds.round,
  parameters    int not null,
  created_at    timestamptz not null default now(),
  accuracy      double precision,
  loss          double precision,
  evaluated_at  timestamptz,
  primary key (use_case, version)
);
create index model_digest on rounds.model (digest);

grant select, insert on rounds.round to starling_coordinator;
grant update (state, reason, detail, epoch, slot, issued, sealed_at, manifest_digest, model_in, record, record_digest,
              opened_at, closes_at) on rounds.round to starling_coordinator;
grant select, insert on rounds.model to starling_coordinator;

grant select on rounds.round to starling_worker;
grant update (state, reason, detail, frozen_at, accepted, accepted_root, shards, model_out,
              published_at, bodies_deleted)
  on rounds.round to starling_worker;
grant select, insert on rounds.frozen, rounds.partial, rounds.model to starling_worker;
grant delete on rounds.frozen, rounds.partial to starling_worker;
grant update (accuracy, loss, evaluated_at) on rounds.model to starling_worker;

-- What intake needs to compare a header with, and no time finer than the round.
grant select (id, use_case, epoch, slot, state, record, record_digest, manifest_digest, closes_at) on rounds.round to starling_intake;

create function rounds.notify_round() returns trigger language plpgsql as $$
begin
  perform pg_notify('starling_round', new.id::text);
  return null;
end $$;
create trigger notify after insert or update on rounds.round for each row execute function rounds.notify_round();

create function rounds.notify_model() returns trigger language plpgsql as $$
begin
  if new.round_id is not null then perform pg_notify('starling_model', new.round_id::text); end if;
  return null;
end $$;
create trigger notify after insert or update on rounds.model for each row execute function rounds.notify_model();

create view rounds.task as
  select id as use_case, draft ->> 'evaluationSet' as evaluation_set,
  draft ->> 'topology' as topology, draft -> 'layout' as layout, (draft ->> 'scale')::bigint as scale,
  (draft ->> 'clip')::double precision as clip, draft -> 'weightLevels' as weight_levels,
  draft -> 'serverStep' as server_step from keys.use_case;
comment on view rounds.task is 'What the worker must know of a use case; it sees no key.';
grant select on rounds.task to starling_worker;
