import type { Command } from 'commander';

import { nameOfRound, type AuditDetail, type AuditEntry } from '#protocol';

import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { renderTable } from '../output/table.js';
import { whole, withConnection, withExample, type TalkOptions } from './options.js';

interface AuditOptions extends TalkOptions {
  readonly limit: number;
  readonly before?: number;
}

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('Who did what, and how it ended');
  const list = audit
    .command('list')
    .description('Newest first. Nothing in it is ever changed')
    .option('--limit <n>', 'entries', whole(1, 500), 50)
    .option('--before <id>', 'only entries older than this one', whole(1));
  withExample(withConnection(list), 'audit list --watch', 'audit list --limit 500 --json').action(listEntries);
}

async function listEntries({ limit, before, ...options }: AuditOptions): Promise<void> {
  const page = await (await findCoordinator(options)).readAudit({ limit, before });
  print(options, page, () => {
    const table = renderTable(
      [
        { title: 'ID', value: ({ id }) => id, right: true },
        { title: 'AT', value: ({ at }) => at },
        { title: 'WHO', value: ({ actor }) => `${actor.name} (${actor.kind})` },
        { title: 'ACT', value: ({ act }) => act },
        { title: 'ENDED', value: ({ detail }) => String(detail['outcome']) },
        { title: 'ABOUT', value: (entry) => [subjectOf(entry), ...factsOf(entry.detail)].join(' ').trim() },
      ],
      page.entries,
    );
    return page.next === null ? table : `${table}\n\nOlder ones: --before ${page.next}`;
  });
}

/** A coordinator of an older version does not tell a round's name. */
const subjectOf = ({ subject, round }: AuditEntry): string => (round ? nameOfRound(round) : (subject ?? ''));

const factsOf = (detail: AuditDetail): string[] =>
  Object.entries(detail)
    .filter(([name, value]) => name !== 'outcome' && value !== null)
    .map(([name, value]) => `${name}=${value}`);
