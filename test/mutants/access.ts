import type { Mutant } from './mutant.js';

/** Who may do what. */
export const ACCESS: readonly Mutant[] = [
  {
    name: 'any API key may do anything',
    file: 'apps/coordinator/src/access.guard.ts',
    from: 'if (scopes.includes(scope)) return true;',
    to: 'if (scopes.length > 0) return true;',
    tests: 'test/e2e/coordinator',
    rules: ['ADM1'],
  },
  {
    name: 'an enrolment code begins with anything',
    file: 'apps/coordinator/src/enrolment-code.ts',
    from: "code.startsWith('-')",
    to: "code.startsWith('=')",
    tests: 'apps/coordinator/src/enrolment-code',
    rules: ['CMD45'],
  },
  {
    name: 'the coordinator may read wrapped keys',
    file: 'libs/storage/src/migrate/sql/0002-keys.sql',
    from: 'grant select (id, use_case, suite, public_key) on keys.primary_key',
    to: 'grant select on keys.primary_key',
    tests: 'test/storage/roles',
    rules: ['ROL2'],
  },
  {
    name: 'intake keeps the time of acceptance',
    file: 'libs/storage/src/migrate/sql/0005-intake.sql',
    from: '  payload_digest  bytea not null,\n  primary key (round_id, token_hash)',
    to: '  payload_digest  bytea not null,\n  accepted_at timestamptz not null default now(),\n  primary key (round_id, token_hash)',
    tests: 'test/(e2e/privacy|storage/roles)',
    rules: ['PRV2', 'ROL2'],
  },
];
