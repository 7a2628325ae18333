-- How a task's updates travel.
create or replace view rounds.task as
  select id as use_case, draft ->> 'evaluationSet' as evaluation_set,
  draft ->> 'topology' as topology, draft -> 'layout' as layout, (draft ->> 'scale')::bigint as scale,
  (draft ->> 'clip')::double precision as clip, draft -> 'weightLevels' as weight_levels,
  coalesce(draft -> 'strategy', '{"name": "FedAvgM"}'::jsonb || coalesce(draft -> 'serverStep', '{}')) as strategy,
  draft -> 'privacy' as privacy,
  least(coalesce((draft ->> 'quota')::int, (draft ->> 'slots')::int), (draft ->> 'slots')::int)
    * coalesce((draft ->> 'reuse')::int, 1) as uses_per_epoch,
  coalesce(draft -> 'encoding', '"int32"') as encoding
  from keys.use_case;
