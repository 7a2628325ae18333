-- Whether every token that was issued for a round is spent on it: then nobody can come any more. A token that is fetched
-- after a round opened is for the next one. The worker learns yes or no, not how many tokens there are.
create function rounds.has_all(p_round_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce(r.state = 'open' and n.accepted >= r.min and n.accepted >= r.issued
                  -- Counted last: more of them may have been issued since the round was sealed.
                  and n.accepted >= identity.count_issued(r.use_case, r.epoch, r.slot), false)
    from rounds.round r, rounds.count_accepted(r.id) as n (accepted)
   where r.id = p_round_id
$$;
grant execute on function rounds.has_all(uuid) to starling_worker;
