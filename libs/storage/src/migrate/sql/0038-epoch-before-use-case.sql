-- As before, but for the first line: a function is replaced whole.
-- Announces the use case's new key in its next manifest: at least one whole epoch ahead, and only while no
-- token of its first epoch can be out. False: too late, or not the next version; look again.
-- FOR UPDATE waits for transactions that issue an epoch's first token, and they wait for this one: their
-- row in keys.epoch refers to the one locked here. They note the epoch's beginning first and so does this: in another
-- order each would wait for the other.
create or replace function keys.announce(
  p_use_case text, p_first_epoch int, p_version int, p_digest bytea, p_bytes bytea, p_signature bytea
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform keys.current_epoch(p_use_case);
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
