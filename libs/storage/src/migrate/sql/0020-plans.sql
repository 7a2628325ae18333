-- Rounds that were started together and end together: what they begin with, and what may end them early.
create table rounds.plan (
  id            uuid primary key default gen_random_uuid(),
  use_case      text not null,
  created_at    timestamptz not null default now(),
  -- the model version that its first result is made from; null: the newest
  from_version  int check (from_version >= 0),
  -- it is done when a model of it is as accurate as this, or when `patience` rounds bring no gain of `min_gain`
  accuracy      double precision check (accuracy > 0 and accuracy <= 1),
  patience      int check (patience > 0),
  min_gain      double precision check (min_gain >= 0),
  check ((patience is null) = (min_gain is null)),
  check (from_version is not null or accuracy is not null or patience is not null)
);
grant select, insert on rounds.plan to starling_coordinator;

-- A use case whose scheduled rounds stay where they are; gone when they go on.
create table rounds.pause (
  use_case   text primary key,
  paused_at  timestamptz not null default now()
);
grant select, insert, delete on rounds.pause to starling_coordinator;

alter table rounds.round
  add column plan uuid references rounds.plan,
  -- the version that `model_in` is the digest of: two versions may have the same bytes, and differ in what their optimizer carries on
  add column base_version int;
update rounds.round r set base_version = coalesce(
  (select m.version - 1 from rounds.model m where m.round_id = r.id),
  (select max(m.version) from rounds.model m where m.use_case = r.use_case and m.digest = r.model_in))
 where model_in is not null;
create index round_plan on rounds.round (plan) where plan is not null;
grant update (base_version) on rounds.round to starling_coordinator;

alter table rounds.round drop constraint round_reason_check;
alter table rounds.round add constraint round_reason_check check (reason in ('too_few', 'aborted', 'failed', 'plan_done'));
