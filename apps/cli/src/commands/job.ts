import type { Command } from 'commander';

import { renderJobs } from '../output/jobs.js';
import { answer } from './answer.js';
import { withConnection, withExample, type TalkOptions } from './options.js';

export function addJob(program: Command): void {
  const job = program.command('job').description('What the worker is doing and is to do');
  const list = job
    .command('list')
    .description(
      'Jobs of its queues, work that is due and has none, and what failed last; with the scope operations:read',
    );
  withExample(withConnection(list), 'job list --watch', 'job list --json').action(listJobs);
}

const listJobs = (options: TalkOptions): Promise<void> =>
  answer(options, (coordinator) => coordinator.listJobs(), renderJobs);
