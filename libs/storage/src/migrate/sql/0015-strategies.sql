-- A task's strategy, and what its optimizer carries from model to model: a file of the model store.
alter table rounds.model add column optimizer_state bytea;

drop view rounds.task;
create view rounds.task as
  select id as use_case, draft ->> 'evaluationSet' as evaluation_set,
  draft ->> 'topology' as topology, draft -> 'layout' as layout, (draft ->> 'scale')::bigint as scale,
  (draft ->> 'clip')::double precision as clip, draft -> 'weightLevels' as weight_levels,
  -- before there were strategies, a draft had the rate and the momentum of the server's step
  coalesce(draft -> 'strategy', '{"name": "FedAvgM"}'::jsonb || coalesce(draft -> 'serverStep', '{}')) as strategy
  from keys.use_case;
comment on view rounds.task is 'What the worker must know of a use case; it sees no key.';
grant select on rounds.task to starling_worker;
