-- Clips that follow what updates need. What a round's updates are clipped to is in its record; what the next one's are
-- follows from its release.
alter table rounds.release
  -- noise multiplier of the sum alone: more than `sigma`, the bits' part of which is beside it
  add column sum_sigma double precision check (sum_sigma >= sigma),
  -- deviation of the noise on how many updates were within the clip
  add column count_noise double precision check (count_noise > 0),
  -- the share of them, with noise
  add column unclipped double precision,
  add column next_clip_micros bigint check (next_clip_micros > 0),
  add check (num_nulls(sum_sigma, count_noise, unclipped, next_clip_micros) in (0, 4));

-- A weight level is then whether its update was within the clip. How many were is what the noise on their number hides, so
-- the levels go with the bodies.
create function rounds.forget_bits(p_round_id uuid) returns void
language sql security definer set search_path = '' as $$
  with over as (
    select r.id from rounds.round r join rounds.task t on t.use_case = r.use_case
     where r.id = p_round_id and r.state in ('published', 'abandoned') and t.privacy -> 'clipping' is not null
  ), frozen as (
    update rounds.frozen set weight_level = 0 from over where round_id = over.id
  )
  update intake.submission set weight_level = 0 from over where round_id = over.id
$$;
grant execute on function rounds.forget_bits(uuid) to starling_worker;
