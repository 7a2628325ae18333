-- Who: known to the issuer alone. The coordinator may add a hashed code and count, nothing finer.
create table identity.enrolment_code (
  code_hash   bytea primary key,
  use_case    text not null,
  uses_left   int not null check (uses_left >= 0),
  expires_at  timestamptz not null,
  revoked     boolean not null default false
);

create table identity.device (
  id          uuid primary key default gen_random_uuid(),
  use_case    text not null,
  public_key  bytea not null,
  revoked     boolean not null default false,
  unique (use_case, public_key)
);

-- One row a token: the unique key is the quota, and the stored evaluation makes a retry free.
create table identity.issuance (
  device_id   uuid not null references identity.device,
  use_case    text not null,
  epoch       int not null,
  slot        int not null,
  batch_key   bytea not null,
  evaluated   bytea not null,
  proof       bytea not null,
  primary key (device_id, use_case, epoch, slot)
);
create index issuance_slot on identity.issuance (use_case, epoch, slot);
create index issuance_batch on identity.issuance (batch_key);

grant select, insert on identity.device, identity.issuance to starling_issuer;
grant update (revoked) on identity.device to starling_issuer;
grant select, update on identity.enrolment_code to starling_issuer;

create function identity.add_enrolment_code(p_code_hash bytea, p_use_case text, p_uses int, p_valid interval) returns void
language sql security definer set search_path = '' as $$
  insert into identity.enrolment_code (code_hash, use_case, uses_left, expires_at)
  values (p_code_hash, p_use_case, p_uses, now() + p_valid)
$$;
create function identity.revoke_enrolment_code(p_code_hash bytea) returns boolean
language sql security definer set search_path = '' as $$
  with revoked as (update identity.enrolment_code set revoked = true where code_hash = p_code_hash returning 1)
  select exists (select from revoked)
$$;
create function identity.count_issued(p_use_case text, p_epoch int, p_slot int) returns int
language sql stable security definer set search_path = '' as $$
  select count(*)::int from identity.issuance where use_case = p_use_case and epoch = p_epoch and slot = p_slot
$$;
grant usage on schema identity to starling_coordinator;
grant execute on function identity.add_enrolment_code(bytea, text, int, interval) to starling_coordinator;
grant execute on function identity.revoke_enrolment_code(bytea) to starling_coordinator;
grant execute on function identity.count_issued(text, int, int) to starling_coordinator;
