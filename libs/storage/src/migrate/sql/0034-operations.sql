-- What is in the queue, for people: counts and an age, no job and no id. BullMQ makes its tables after these files
-- have run, so the body is only looked at when it is called.
create function rounds.queues() returns table (name text, waiting int, active int, delayed int, failed int, oldest_waiting_ms float8)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select q.queue,
           (count(*) filter (where j.state in ('waiting', 'waiting-children')))::int,
           (count(*) filter (where j.state = 'active'))::int,
           (count(*) filter (where j.state = 'delayed'))::int,
           (count(*) filter (where j.state = 'failed'))::int,
           (extract(epoch from clock_timestamp()) * 1000
             - min(j.added_at_ms) filter (where j.state in ('waiting', 'waiting-children', 'delayed')))::float8
      from (select distinct m.queue from bullmq.meta m) q left join bullmq.job j on j.queue = q.queue
     group by q.queue;
end $$;

grant execute on function rounds.queues() to starling_coordinator, starling_worker;

-- A key that could do everything still can.
update access.api_key set scopes = scopes || '{operations:read}'
 where scopes @> '{use-cases:write,rounds:write,models:read,models:write,keys:write}' and not scopes @> '{operations:read}';
