-- Rounds that measure a model on devices instead of training it. They make no model version.
alter table rounds.round
  -- the version that it measures; null: it trains
  add column evaluates int check (evaluates >= 0),
  -- a device's loss counts as this at most
  add column loss_bound double precision check (loss_bound > 0),
  -- what it published: sums of the devices' thousandths of that bound, and of 1
  add column loss_sum bigint check (loss_sum >= 0),
  add column accuracy_sum bigint check (accuracy_sum >= 0),
  add constraint round_terms check ((evaluates is null) = (loss_bound is null)),
  drop constraint round_check3,
  add constraint round_outcome check (
    state <> 'published'
    or (evaluates is null and model_out is not null)
    or (evaluates is not null and loss_sum is not null and accuracy_sum is not null));
create index round_evaluates on rounds.round (use_case, evaluates) where evaluates is not null;

grant select (evaluates) on rounds.round to starling_intake;
grant update (loss_sum, accuracy_sum) on rounds.round to starling_worker;
