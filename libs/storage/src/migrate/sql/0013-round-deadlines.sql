-- Whatever a round waits for, it waits until a time that stands in its row, and then ends and says why.
alter table rounds.round
  -- for tokens, its epoch and the log, from the moment that it is its turn
  add column wait_ms bigint not null default 86400000 check (wait_ms > 0),
  add column wait_until timestamptz,
  -- for the worker: to close it after its deadline, and to sum it up after that
  add column finish_ms bigint not null default 3600000 check (finish_ms > 0),
  -- the abandoned round in whose place it is: one at most
  add column retry_of uuid unique references rounds.round;
grant update (wait_until) on rounds.round to starling_coordinator;
