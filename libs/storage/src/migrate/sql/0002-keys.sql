-- Use cases and their keys. Coordinator drafts and signs, issuer makes and wraps the primary key,
-- intake reads wrapped keys. The wrapping key is a file, never a row.
create table keys.use_case (
  id          text primary key,
  title       text not null,
  state       text not null default 'draft' check (state in ('draft', 'live')),
  draft       jsonb not null,
  created_at  timestamptz not null default now()
);

create table keys.primary_key (
  id          uuid primary key default gen_random_uuid(),
  use_case    text not null unique references keys.use_case,
  suite       text not null,
  wrapped     bytea not null,
  public_key  bytea not null unique
);

create table keys.manifest (
  use_case       text not null references keys.use_case,
  version        int not null,
  digest         bytea not null unique,
  bytes          bytea not null,
  signature      bytea not null,
  epoch_origin   timestamptz not null,
  epoch_seconds  int not null check (epoch_seconds > 0),
  slots          int not null check (slots > 0),
  primary key (use_case, version)
);

-- Slots of an epoch are used one after the other: all below next_slot are taken by rounds, and no
-- token is issued for them any more.
create table keys.epoch (
  use_case   text not null references keys.use_case,
  epoch      int not null check (epoch >= 0),
  next_slot  int not null default 0 check (next_slot >= 0),
  primary key (use_case, epoch)
);

grant select, insert on keys.use_case to starling_coordinator;
grant update (state) on keys.use_case to starling_coordinator;
grant select (id, use_case, suite, public_key) on keys.primary_key to starling_coordinator;
grant select, insert on keys.manifest to starling_coordinator;
grant select, insert on keys.epoch to starling_coordinator;
grant update (next_slot) on keys.epoch to starling_coordinator;

grant select on keys.use_case, keys.primary_key, keys.manifest, keys.epoch to starling_issuer;
grant insert on keys.primary_key to starling_issuer;

grant select on keys.primary_key, keys.manifest to starling_intake;

-- The epoch that the database's clock shows, or null before the use case is live.
create function keys.current_epoch(p_use_case text) returns int
language sql stable security definer set search_path = '' as $$
  select floor(extract(epoch from now() - epoch_origin) / epoch_seconds)::int
    from keys.manifest where use_case = p_use_case order by version desc limit 1
$$;
grant execute on function keys.current_epoch(text) to starling_issuer, starling_intake, starling_coordinator;

-- The first slot that may still be issued in an epoch that is open for issuance (the current one and
-- the next); no row otherwise. Holds the epoch's row FOR SHARE until the caller's transaction ends,
-- so that a round which takes a slot waits for issuances under way and its issued count is final.
create function keys.open_for_issuance(p_use_case text, p_epoch int) returns table (next_slot int, slots int)
language plpgsql security definer set search_path = '' as $$
declare
  current int := keys.current_epoch(p_use_case);
begin
  if current is null or p_epoch not in (current, current + 1) then return; end if;
  insert into keys.epoch (use_case, epoch) values (p_use_case, p_epoch) on conflict do nothing;
  return query
    select e.next_slot, m.slots from keys.epoch e
      join keys.manifest m on m.use_case = e.use_case
     where e.use_case = p_use_case and e.epoch = p_epoch
     order by m.version desc limit 1
       for share of e;
end $$;
grant execute on function keys.open_for_issuance(text, int) to starling_issuer;

create function keys.notify_use_case() returns trigger language plpgsql as $$
begin
  perform pg_notify('starling_use_case', coalesce(to_jsonb(new) ->> 'use_case', to_jsonb(new) ->> 'id'));
  return null;
end $$;
create trigger notify after insert or update on keys.use_case for each row execute function keys.notify_use_case();
create trigger notify after insert on keys.primary_key for each row execute function keys.notify_use_case();
