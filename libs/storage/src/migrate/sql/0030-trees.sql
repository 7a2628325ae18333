-- A tree of noise over slots: what its later releases need. The seed is that of the leaf at `steps`; no earlier one can be
-- made of it. The sums that stand for the leaves before are a file of the worker's.
create table rounds.tree (
  use_case     text not null,
  number       int not null,
  -- its first leaf is slot 0 of this epoch
  first_epoch  int not null check (first_epoch >= 0),
  -- leaves drawn
  steps        int not null default 0 check (steps >= 0),
  seed         bytea check (length(seed) = 32),
  file_id      bytea,
  digest       bytea,
  -- nothing is released of it any more: another began, or the database was restored and may have released more
  ended        boolean not null default false,
  primary key (use_case, number),
  check (ended or seed is not null),
  check ((file_id is null) = (digest is null))
);
grant select (use_case, number, first_epoch, ended) on rounds.tree to starling_coordinator;
grant select, insert on rounds.tree to starling_worker;
grant update (steps, seed, file_id, digest, ended) on rounds.tree to starling_worker;

-- Where its noise is a tree's: which tree, and which leaf its data is.
alter table rounds.release
  add column tree int,
  add column step int,
  add check ((tree is null) = (step is null)),
  add unique (use_case, tree, step);

create or replace function intake_closed.unreferenced(p_ids bytea[]) returns setof bytea
language sql stable security definer set search_path = '' as $$
  select id from unnest(p_ids) as t (id)
   where not exists (select from intake.submission s where s.body_id = id)
     and not exists (select from rounds.partial p where p.file_id = id)
     and not exists (select from rounds.tree r where r.file_id = id)
$$;
