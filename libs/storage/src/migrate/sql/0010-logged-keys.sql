-- Public keys of the slots of an epoch, for suites in which nothing proves them: devices believe those that
-- the log has. The issuer adds them, the coordinator logs them.
create table keys.derived_keys (
  use_case     text not null references keys.use_case,
  epoch        int not null check (epoch >= 0),
  -- in the order of the slots
  public_keys  bytea[] not null,
  -- its place in the log, once it has one
  leaf         bigint,
  primary key (use_case, epoch)
);
grant select, insert on keys.derived_keys to starling_issuer;
grant select on keys.derived_keys to starling_coordinator;
grant update (leaf) on keys.derived_keys to starling_coordinator;
create trigger notify after insert on keys.derived_keys for each row execute function keys.notify_use_case();

-- How far the log says that epochs were retired.
alter table keys.clock add column logged_before int not null default 0;
grant update (logged_before) on keys.clock to starling_coordinator;
