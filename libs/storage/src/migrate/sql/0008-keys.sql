-- Keys follow one another, epochs only go forward, and a restored database can be told.

-- A key without a first epoch was made and is not announced: nobody uses it. One of a use case at a time.
alter table keys.primary_key alter column first_epoch drop not null, alter column first_epoch drop default;
create unique index primary_key_unannounced on keys.primary_key (use_case) where first_epoch is null;

-- Some suites have no public key: theirs is empty, in every use case.
alter table keys.primary_key drop constraint if exists primary_key_public_key_key;
create unique index primary_key_public_key on keys.primary_key (sha256(public_key)) where length(public_key) > 0;

-- Blinded elements evaluated under it, refused requests included: an attacker's work shrinks with their number.
alter table keys.primary_key add column evaluations bigint not null default 0 check (evaluations >= 0);
grant update (evaluations) on keys.primary_key to starling_issuer;
grant select (evaluations) on keys.primary_key to starling_coordinator;

-- A use case that is to have another key. The issuer makes it, the coordinator announces it.
create table keys.rotation (use_case text primary key references keys.use_case);
grant select, insert on keys.rotation to starling_coordinator;
grant select on keys.rotation to starling_issuer;
create trigger notify after insert on keys.rotation for each row execute function keys.notify_use_case();

-- What is over stays over, whatever the clock says later.
create table keys.clock (
  use_case        text primary key references keys.use_case,
  -- the latest epoch that the clock has shown
  reached         int not null check (reached >= 0),
  -- all epochs below were retired by hand, or by a restore
  retired_before  int not null default 0
);
grant select on keys.clock to starling_coordinator;

-- The epoch that the database's clock shows, or has shown: it never goes back. Null before the use case is live.
create or replace function keys.current_epoch(p_use_case text) returns int
language plpgsql volatile security definer set search_path = '' as $$
declare
  shown int;
  known int;
begin
  select floor(extract(epoch from now() - m.epoch_origin) / m.epoch_seconds)::int, c.reached into shown, known
    from keys.manifest m left join keys.clock c on c.use_case = m.use_case
   where m.use_case = p_use_case order by m.version desc limit 1;
  if shown is null or shown <= known then return known; end if;
  insert into keys.clock as c (use_case, reached) values (p_use_case, greatest(shown, 0))
      on conflict (use_case) do update set reached = greatest(c.reached, excluded.reached)
    returning reached into known;
  return known;
end $$;

-- The current epoch, or a later one where it is retired.
create function keys.first_live_epoch(p_use_case text) returns int
language plpgsql volatile security definer set search_path = '' as $$
declare
  current int := keys.current_epoch(p_use_case);
begin
  return greatest(current, (select retired_before from keys.clock where use_case = p_use_case));
end $$;

-- Whether tokens of this epoch redeem now: those of one epoch at a time do, or of none.
create function keys.is_live(p_use_case text, p_epoch int) returns boolean
language sql volatile security definer set search_path = '' as $$
  select p_epoch = keys.current_epoch(p_use_case) and p_epoch = keys.first_live_epoch(p_use_case)
$$;

grant execute on function keys.first_live_epoch(text) to starling_issuer, starling_intake;
grant execute on function keys.is_live(text, int) to starling_intake, starling_coordinator;

-- As before, and only under the key that the epoch has (p_key_epoch: the first epoch of the key used). The
-- epoch's row says that tokens may be out: from then on no other key is announced for it.
drop function keys.open_for_issuance(text, int);
create function keys.open_for_issuance(p_use_case text, p_epoch int, p_key_epoch int) returns table (next_slot int, slots int)
language plpgsql security definer set search_path = '' as $$
declare
  current int := keys.current_epoch(p_use_case);
begin
  if current is null or p_epoch not in (current, current + 1) or p_epoch < keys.first_live_epoch(p_use_case) then
    return;
  end if;
  insert into keys.epoch (use_case, epoch) values (p_use_case, p_epoch) on conflict do nothing;
  if p_key_epoch is distinct from
     (select max(k.first_epoch) from keys.primary_key k where k.use_case = p_use_case and k.first_epoch <= p_epoch) then
    return;
  end if;
  return query
    select e.next_slot, m.slots from keys.epoch e
      join keys.manifest m on m.use_case = e.use_case
     where e.use_case = p_use_case and e.epoch = p_epoch
     order by m.version desc limit 1
       for share of e;
end $$;
grant execute on function keys.open_for_issuance(text, int, int) to starling_issuer;

-- Announces the use case's new key in its next manifest: at least one whole epoch ahead, and only while no
-- token of its first epoch can be out. False: too late, or not the next version; look again.
-- FOR UPDATE waits for transactions that issue an epoch's first token, and they wait for this one: their
-- row in keys.epoch refers to the one locked here.
create function keys.announce(
  p_use_case text, p_first_epoch int, p_version int, p_digest bytea, p_bytes bytea, p_signature bytea
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from keys.use_case where id = p_use_case for update;
  if p_first_epoch < keys.current_epoch(p_use_case) + 2
     or exists (select from keys.epoch where use_case = p_use_case and epoch >= p_first_epoch)
     or p_version is distinct from (select max(version) + 1 from keys.manifest where use_case = p_use_case) then
    return false;
  end if;
  update keys.primary_key set first_epoch = p_first_epoch where use_case = p_use_case and first_epoch is null;
  if not found then return false; end if;
  insert into keys.manifest (use_case, version, digest, bytes, signature, epoch_origin, epoch_seconds, slots)
  select use_case, p_version, p_digest, p_bytes, p_signature, epoch_origin, epoch_seconds, slots
    from keys.manifest where use_case = p_use_case and version = p_version - 1;
  delete from keys.rotation where use_case = p_use_case;
  return true;
end $$;
grant execute on function keys.announce(text, int, int, bytea, bytea, bytea) to starling_coordinator;

-- Retires the current epoch and the next, for which tokens may be out. Rounds that run on such tokens end,
-- those that wait take another slot later. Returns the first epoch that is not retired.
create function keys.retire_epochs(p_use_case text) returns int
language plpgsql security definer set search_path = '' as $$
declare
  first int := keys.current_epoch(p_use_case) + 2;
begin
  update keys.clock set retired_before = greatest(retired_before, first) where use_case = p_use_case
    returning retired_before into first;
  -- Waits for acceptances under way: they hold the open round in share mode.
  update rounds.round
     set state = case state when 'open' then 'abandoned' else state end,
         reason = case state when 'open' then 'aborted' else reason end,
         detail = case state when 'open' then 'Its epoch was retired.' else detail end,
         epoch = case state when 'open' then epoch end,
         slot = case state when 'open' then slot end,
         use_no = case state when 'open' then use_no else 0 end,
         issued = case state when 'open' then issued end,
         sealed_at = case state when 'open' then sealed_at end
   where use_case = p_use_case and state in ('scheduled', 'open') and epoch < first;
  return first;
end $$;
grant execute on function keys.retire_epochs(text) to starling_coordinator;

-- As before, and only while the token's epoch is live.
create or replace function intake.accept_submission(
  p_round_id uuid, p_use_case text, p_epoch int, p_token_hash bytea, p_use_no int, p_transcript_digest bytea,
  p_receipt bytea, p_header_digest bytea, p_order_key bytea, p_weight_level int, p_body_id bytea, p_payload_digest bytea
) returns boolean
language sql security definer set search_path = '' as $$
  with open_round as (
    select id from rounds.round
     where id = p_round_id and use_case = p_use_case and epoch = p_epoch and state = 'open' and now() < closes_at
       and keys.is_live(p_use_case, p_epoch)
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

-- Raised here and in a file beside the database, here first: a database whose counter is below the file's
-- is an old copy, in which tokens that were spent since are unspent.
create table keys.incarnation (
  only_row  boolean primary key default true check (only_row),
  counter   bigint not null
);
insert into keys.incarnation (counter) values (0);
