-- What: tokens spent and updates accepted. No device, no address, no time.
create table intake.spent_token (
  use_case           text not null,
  epoch              int not null,
  token_hash         bytea not null,
  use_no             smallint not null,
  -- SHA-256(H ‖ mac) and the receipt it was answered with; both null where failed commits spent the token
  transcript_digest  bytea,
  receipt            bytea,
  primary key (use_case, epoch, token_hash, use_no)
);

create table intake.submission (
  round_id        uuid not null,
  token_hash      bytea not null,
  header_digest   bytea not null,
  order_key       bytea not null,
  weight_level    smallint not null,
  body_id         bytea not null unique,
  payload_digest  bytea not null,
  primary key (round_id, token_hash)
);

create table intake.failed_commit (
  use_case    text not null,
  epoch       int not null,
  token_hash  bytea not null,
  use_no      smallint not null,
  failures    int not null default 0,
  primary key (use_case, epoch, token_hash, use_no)
);

-- Counts for people, flushed now and then: how many were submitted, and refused by code. Not the truth.
create table intake.tally (
  round_id  uuid not null,
  event     text not null,
  n         bigint not null,
  primary key (round_id, event)
);

grant select on intake.spent_token to starling_intake;
grant select, insert, update on intake.tally to starling_intake;

-- Accept a submission, exactly once: lock the round, spend the token, store the row, or nothing.
-- False: the token was spent before, or the round is not open; ask `find_spent` which. FOR SHARE makes
-- closing wait for acceptances under way: without it, freezing missed a third of the acknowledged.
create function intake.accept_submission(
  p_round_id uuid, p_use_case text, p_epoch int, p_token_hash bytea, p_use_no int, p_transcript_digest bytea,
  p_receipt bytea, p_header_digest bytea, p_order_key bytea, p_weight_level int, p_body_id bytea, p_payload_digest bytea
) returns boolean
language sql security definer set search_path = '' as $$
  with open_round as (
    select id from rounds.round
     where id = p_round_id and use_case = p_use_case and epoch = p_epoch and state = 'open' and now() < closes_at
       for share
  ), spent as (
    insert into intake.spent_token (use_case, epoch, token_hash, use_no, transcript_digest, receipt)
    select p_use_case, p_epoch, p_token_hash, p_use_no, p_transcript_digest, p_receipt from open_round
    on conflict do nothing returning token_hash
  ), stored as (
    insert into intake.submission (round_id, token_hash, header_digest, order_key, weight_level, body_id, payload_digest)
    select p_round_id, token_hash, p_header_digest, p_order_key, p_weight_level, p_body_id, p_payload_digest from spent
    returning 1
  )
  select exists (select from stored)
$$;
grant execute on function intake.accept_submission(uuid, text, int, bytea, int, bytea, bytea, bytea, bytea, int, bytea, bytea)
  to starling_intake;

-- A commit that broke a rule of content. The third one spends the token: the answer says whether it did.
create function intake.count_failure(p_use_case text, p_epoch int, p_token_hash bytea, p_use_no int) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  total int;
begin
  insert into intake.failed_commit as f (use_case, epoch, token_hash, use_no, failures)
  values (p_use_case, p_epoch, p_token_hash, p_use_no, 1)
  on conflict (use_case, epoch, token_hash, use_no) do update set failures = f.failures + 1
  returning failures into total;
  if total < 3 then return false; end if;
  insert into intake.spent_token (use_case, epoch, token_hash, use_no)
  values (p_use_case, p_epoch, p_token_hash, p_use_no) on conflict do nothing;
  return true;
end $$;
grant execute on function intake.count_failure(text, int, bytea, int) to starling_intake;

-- The worker's window: submissions of rounds that are no longer open, and counts.
create schema intake_closed;
grant usage on schema intake_closed to starling_worker;

create view intake_closed.submission as
  select s.round_id, s.header_digest, s.order_key, s.weight_level, s.body_id, s.payload_digest
    from intake.submission s join rounds.round r on r.id = s.round_id
   where r.state <> 'open';
grant select on intake_closed.submission to starling_worker;

create function rounds.count_accepted(p_round_id uuid) returns int
language sql stable security definer set search_path = '' as $$
  select count(*)::int from intake.submission where round_id = p_round_id
$$;
create function rounds.tally(p_round_id uuid) returns table (event text, n bigint)
language sql stable security definer set search_path = '' as $$
  select event, n from intake.tally where round_id = p_round_id
$$;
grant execute on function rounds.count_accepted(uuid) to starling_coordinator, starling_worker;
grant execute on function rounds.tally(uuid) to starling_coordinator;

-- Of these files, the ones no submission and no partial sum names: left by uploads that came to nothing.
create function intake_closed.unreferenced(p_ids bytea[]) returns setof bytea
language sql stable security definer set search_path = '' as $$
  select id from unnest(p_ids) as t (id)
   where not exists (select from intake.submission s where s.body_id = id)
     and not exists (select from rounds.partial p where p.file_id = id)
$$;
grant execute on function intake_closed.unreferenced(bytea[]) to starling_worker;
