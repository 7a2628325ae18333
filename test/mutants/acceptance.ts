import type { Mutant } from './mutant.js';

const ACCEPT_SQL = 'libs/storage/src/migrate/sql/0008-keys.sql';
const INTAKE_SQL = 'libs/storage/src/migrate/sql/0005-intake.sql';
const INTAKE = 'apps/intake/src/submission-intake.ts';

/** What makes an update count once, or not at all. */
export const ACCEPTANCE: readonly Mutant[] = [
  {
    name: 'acceptance does not wait for closing, nor closing for acceptance',
    file: ACCEPT_SQL,
    from: 'and keys.is_live(p_use_case, p_epoch)\n       for share',
    to: 'and keys.is_live(p_use_case, p_epoch)',
    tests: 'test/chaos/close-race',
    rules: ['ACC1'],
  },
  {
    name: 'a token may be spent again: no key in the way',
    file: INTAKE_SQL,
    from: '  receipt            bytea,\n  primary key (use_case, epoch, token_hash, use_no)',
    to: '  receipt            bytea',
    tests: 'test/storage/acceptance',
    rules: ['ACC2'],
  },
  {
    name: 'acceptance in an epoch that is over',
    file: ACCEPT_SQL,
    from: "state = 'open' and now() < closes_at\n       and keys.is_live(p_use_case, p_epoch)",
    to: "state = 'open' and now() < closes_at",
    tests: 'test/e2e/keys',
    rules: ['KEY6', 'KEY7'],
  },
  {
    name: 'the receipt is sent before the statement',
    file: INTAKE,
    from: 'const accepted = await this.#accept(upload);',
    to: 'void this.#accept(upload).catch(() => {}); const accepted = true;',
    tests: 'test/e2e/refusals',
    rules: ['SUB9', 'SUB8', 'SUB10'],
  },
  {
    name: 'the MAC is not looked at',
    file: INTAKE,
    from: 'if (sent.mac.length !== expected.length || !timingSafeEqual(expected, sent.mac)) {',
    to: 'if (sent.mac.length !== expected.length) {',
    tests: 'test/e2e/refusals',
    rules: ['SUB1'],
  },
  {
    name: 'the header is not compared with its round',
    file: INTAKE,
    from: 'if (!equalBytes(rebuilt, bytes)) {',
    to: 'if (rebuilt.length !== bytes.length) {',
    tests: 'test/e2e/(refusals|scope)',
    rules: ['SUB1', 'SUB16'],
  },
  {
    name: 'failed commits never spend the token',
    file: INTAKE_SQL,
    from: 'if total < 3 then return false; end if;',
    to: 'if total > 0 then return false; end if;',
    tests: 'test/e2e/refusals',
    rules: ['SUB4'],
  },
  {
    name: 'the digest of a body is not compared',
    file: 'apps/intake/src/upload.ts',
    from: 'if (!equalBytes(this.#hash.digest(), payloadDigest)) {',
    to: 'if (this.#hash.digest().length !== payloadDigest.length) {',
    tests: 'test/e2e/refusals',
    rules: ['SUB3'],
  },
  {
    name: 'whoever did not hear of the acceptance is told that the token is spent',
    file: INTAKE,
    from: 'if (spent.receipt !== null && equalBytes(spent.transcriptDigest!, transcriptDigest))',
    to: 'if (spent.receipt !== null && transcriptDigest.length === 0)',
    tests: 'test/chaos/(crash-rounds|double-spend)',
    rules: ['CHA2', 'ACC3'],
  },
  {
    name: 'processes can be told to die',
    file: 'package.json',
    from: '"default": "./dist/libs/crash-point/src/index.js"',
    to: '"default": "./dist/test/fixtures/crash-point.js"',
    tests: 'libs/crash-point',
    rules: ['CHA1'],
  },
  {
    name: 'a permit is not checked',
    file: 'apps/intake/src/uploads.ts',
    from: 'return timingSafeEqual(expected, mac) ? upload : undefined;',
    to: 'return expected.length === mac.length ? upload : undefined;',
    tests: 'test/e2e/strangers',
    rules: ['SUB14'],
  },
  {
    name: 'no cap on connections',
    file: 'apps/intake/src/intake-sockets.ts',
    from: 'if (this.#connections() >= this.room.maxConnections)',
    to: 'if (this.#connections() < 0)',
    tests: 'test/e2e/strangers',
    rules: ['SUB15'],
  },
  {
    name: 'strangers may stay',
    file: 'apps/intake/src/intake-sockets.ts',
    from: 'const STRANGER_MS = 5000;',
    to: 'const STRANGER_MS = 500_000;',
    tests: 'test/e2e/strangers',
    rules: ['SUB12'],
  },
];
