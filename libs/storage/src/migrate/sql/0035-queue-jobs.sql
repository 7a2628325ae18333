-- The queue's jobs, and what failed last, for people. Nothing here can be done to a job: they are hints.

-- A job that failed is gone from the queue, as its id is free again for the next try. What is to be known of it stays here:
-- of each queue the last works that failed, in words of the worker's own.
create table rounds.job_failure (
  queue     text not null,
  -- by which the queue knows the same work again; shown to nobody
  job       text not null,
  round_id  uuid,
  use_case  text,
  version   int,
  shard     int,
  tries     int not null default 1,
  at        timestamptz not null default now(),
  -- no run of letters and digits as long as a token, a digest, a key or an id, and no address
  reason    text not null check (length(reason) <= 200 and reason !~ '[0-9A-Fa-f]{16}|[\w-]{32}|\d+\.\d+\.\d+\.\d+|[0-9a-f]{8}-[0-9a-f]{4}-'),
  primary key (queue, job),
  check ((round_id is null) = (use_case is not null and version is not null))
);

-- One try that failed. The same work counts up; of each queue the ten newest stay.
create function rounds.note_job_failure(p_queue text, p_job text, p_round uuid, p_shard int, p_use_case text, p_version int, p_reason text)
returns void language plpgsql security definer set search_path = '' as $$
begin
  insert into rounds.job_failure as f (queue, job, round_id, shard, use_case, version, reason)
  values (p_queue, p_job, p_round, p_shard, p_use_case, p_version, p_reason)
  on conflict (queue, job) do update set tries = f.tries + 1, at = excluded.at, reason = excluded.reason;
  -- Of two workers that note something at once neither waits for the other here.
  delete from rounds.job_failure f where (f.queue, f.job) in
    (select o.queue, o.job from rounds.job_failure o where o.queue = p_queue order by o.at desc, o.job offset 10 for update skip locked);
end $$;
grant execute on function rounds.note_job_failure to starling_worker;

-- What failed last, newest first. `next` says what becomes of it, by the tables: `again` it is still to be done, `done` it was
-- done by a later try, `over` nobody tries it again.
create function rounds.job_failures()
returns table (queue text, use_case text, round int, round_id uuid, shard int, version int, tries int, at timestamptz, reason text, next text)
language sql stable security definer set search_path = '' as $$
  select f.queue, coalesce(r.use_case, f.use_case), r.sequence, r.id, f.shard, f.version, f.tries, f.at, f.reason,
         case when f.version is not null then
                case when m.evaluated_at is null then 'again' when m.accuracy is not null then 'done' else 'over' end
              when f.queue = 'close-round' then
                case when r.state = 'open' then 'again' when r.frozen_at is not null or r.reason = 'too_few' then 'done' else 'over' end
              when r.state = 'published' or exists (select from rounds.partial p where p.round_id = r.id and p.shard = f.shard) then 'done'
              when r.state = 'frozen' then 'again'
              else 'over' end
    from rounds.job_failure f
    left join rounds.model m on m.use_case = f.use_case and m.version = f.version
    left join rounds.round r on r.id = coalesce(f.round_id, m.round_id)
   order by f.at desc, f.queue, f.job
$$;
grant execute on function rounds.job_failures to starling_coordinator;

-- Up to 100 jobs of the queue, and work that is due by the tables and has no job (`unqueued`), as the worker's reconciler sees
-- it: `since` is when a job was added, or since when the work is due, where the tables know. What a job is about is what the
-- tables call it; of the job itself nothing is handed on that is not a number, a state or a time. Jobs under way come first,
-- the longest ones on top; then the others, the longest waiting on top. BullMQ makes its tables after these files have run.
create function rounds.queue_jobs()
returns table (queue text, state text, use_case text, round int, round_id uuid, shard int, version int, tries int, most_tries int,
               stalls int, shards_left int, since timestamptz, begun_at timestamptz, next_at timestamptz, failed_at timestamptz,
               reason text, total int)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    with queued as (
      select j.queue, j.id as job, case j.state when 'waiting-children' then 'waiting' else j.state::text end as state,
             case when j.data ->> 'roundId' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (j.data ->> 'roundId')::uuid end as about,
             j.data ->> 'useCase' as use_case,
             case when jsonb_typeof(j.data -> 'version') = 'number' then (j.data ->> 'version')::int end as version,
             case when jsonb_typeof(j.data -> 'shard') = 'number' then (j.data ->> 'shard')::int end as shard,
             j.attempts_made as tries, j.max_attempts as most_tries, j.stalled_count as stalls,
             case when j.state = 'waiting-children' then j.pending_deps end as shards_left,
             to_timestamp(j.added_at_ms / 1000.0) as since,
             case when j.state = 'active' then to_timestamp(j.processed_at_ms / 1000.0) end as begun_at,
             case when j.state = 'delayed' then to_timestamp(j.process_at_ms / 1000.0) end as next_at
        from bullmq.job j where j.state <> 'completed'
    ), due as (
      select 'close-round' as queue, r.id as about, null as use_case, null::int as version, null::int as shards_left,
             case when now() >= r.closes_at then r.closes_at end as since
        from rounds.round r
       where r.state = 'open'
         and (now() >= r.closes_at
              or (now() >= r.opened_at + r.jitter_ms * interval '1 millisecond'
                  and (rounds.count_accepted(r.id) >= r.target or rounds.has_all(r.id))))
         and not exists (select from queued q where q.queue = 'close-round' and q.about = r.id)
      union all
      select 'publish-round', r.id, null, null,
             r.shards - (select count(*) from rounds.partial p where p.round_id = r.id)::int, r.frozen_at
        from rounds.round r
       where r.state = 'frozen' and not exists (select from queued q where q.queue = 'publish-round' and q.about = r.id)
      union all
      select 'evaluate-model', null, m.use_case, m.version, null, m.created_at
        from rounds.model m join rounds.task t on t.use_case = m.use_case
       where m.evaluated_at is null and t.evaluation_set is not null and t.topology is not null
         and not exists (select from queued q where q.queue = 'evaluate-model' and q.use_case = m.use_case and q.version = m.version)
    ), work as (
      select * from queued
      union all
      select d.queue, null, 'unqueued', d.about, d.use_case, d.version, null, 0, null, 0, d.shards_left, d.since, null, null from due d
    )
    select w.queue, w.state, coalesce(r.use_case, m.use_case), r.sequence, r.id, w.shard, m.version, w.tries, w.most_tries, w.stalls,
           w.shards_left, w.since, w.begun_at, w.next_at, f.at, f.reason, (count(*) over ())::int
      from work w
      left join rounds.model m on m.use_case = w.use_case and m.version = w.version
      left join rounds.round r on r.id = coalesce(w.about, m.round_id)
      left join rounds.job_failure f on f.queue = w.queue and f.job = w.job
     order by array_position(array['active', 'unqueued', 'failed', 'delayed', 'waiting'], w.state), coalesce(w.begun_at, w.since), w.job
     limit 100;
end $$;
grant execute on function rounds.queue_jobs to starling_coordinator;
