-- What was released with noise: a row for each published round of a task with privacy.
create table rounds.release (
  round_id      uuid primary key references rounds.round,
  use_case      text not null,
  epoch         int not null,
  -- noise multiplier; what one update can change, in grid units
  sigma         double precision not null check (sigma > 0),
  sensitivity   double precision not null check (sensitivity > 0),
  -- what all releases cost up to this one
  epsilon       double precision not null check (epsilon >= 0),
  delta         double precision not null check (delta > 0 and delta < 1),
  released_at   timestamptz not null default now()
);
create index release_use_case on rounds.release (use_case);
grant select on rounds.release to starling_coordinator;
grant select, insert on rounds.release to starling_worker;

-- Stored before the noise is drawn, so that a crash draws the same again, and gone with the release: who has it can
-- take the noise off.
create table rounds.noise (
  round_id  uuid primary key references rounds.round,
  seed      bytea not null check (length(seed) = 32)
);
grant select, insert, delete on rounds.noise to starling_worker;

create or replace view rounds.task as
  select id as use_case, draft ->> 'evaluationSet' as evaluation_set,
  draft ->> 'topology' as topology, draft -> 'layout' as layout, (draft ->> 'scale')::bigint as scale,
  (draft ->> 'clip')::double precision as clip, draft -> 'weightLevels' as weight_levels,
  coalesce(draft -> 'strategy', '{"name": "FedAvgM"}'::jsonb || coalesce(draft -> 'serverStep', '{}')) as strategy,
  draft -> 'privacy' as privacy,
  least(coalesce((draft ->> 'quota')::int, (draft ->> 'slots')::int), (draft ->> 'slots')::int)
    * coalesce((draft ->> 'reuse')::int, 1) as uses_per_epoch
  from keys.use_case;
