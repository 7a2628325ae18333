-- A use case's primary keys follow one another: each is for the epochs from its first to the next one's.
alter table keys.primary_key drop constraint primary_key_use_case_key;
alter table keys.primary_key add column first_epoch int not null default 0 check (first_epoch >= 0);
alter table keys.primary_key add unique (use_case, first_epoch);
grant select (first_epoch) on keys.primary_key to starling_coordinator;

-- A slot spans as many rounds as its tokens have uses; next_use counts those of the slot below next_slot.
alter table rounds.round add column use_no smallint not null default 0 check (use_no >= 0);
alter table rounds.round drop constraint round_use_case_epoch_slot_key;
alter table rounds.round add unique (use_case, epoch, slot, use_no);
alter table keys.epoch add column next_use int not null default 0 check (next_use >= 0);
grant update (next_use) on keys.epoch to starling_coordinator;
grant update (use_no) on rounds.round to starling_coordinator;
grant select (use_no) on rounds.round to starling_intake;
