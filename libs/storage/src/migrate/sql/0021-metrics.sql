-- What a round came to, for people. Of single updates only what quantiles need, and not beyond their round.
alter table rounds.partial
  -- Σ q² of each update of the shard, smallest first; never of a private task; gone with the bodies
  add column squared_norms double precision[],
  add column stored_at timestamptz;
alter table rounds.partial alter column stored_at set default now();
grant update (squared_norms) on rounds.partial to starling_worker;

alter table rounds.round
  -- L2 norms of the cohort's updates in real units, three digits: 10, 25, 50, 75 and 90 %
  add column norm_quantiles double precision[],
  add column summed_at timestamptz;
grant update (norm_quantiles, summed_at) on rounds.round to starling_worker;
