-- One schema a trust domain. Each process has its own role and sees its own schemas; what a role
-- may learn of another domain goes through a SECURITY DEFINER function that says so by name.
create schema identity;
create schema keys;
create schema intake;
create schema rounds;
create schema access;

revoke all on schema public from public;

grant usage on schema identity to starling_issuer;
grant usage on schema keys to starling_issuer, starling_intake, starling_coordinator;
grant usage on schema intake to starling_intake;
grant usage on schema rounds to starling_intake, starling_coordinator, starling_worker;
grant usage on schema access to starling_coordinator;

-- New functions are for nobody until granted.
alter default privileges revoke execute on functions from public;
