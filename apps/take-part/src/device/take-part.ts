import { enrol, forgetDevice, type Device } from '#client/browser';

import { joinExamples, type Examples } from '../examples/examples.js';
import type { Link } from '../link.js';
import { Memory } from '../memory/memory.js';
import { coordinatorOf } from './coordinator.js';
import { BEGINNING, type PageState } from './page-state.js';
import { problemOf } from './problems.js';
import { Run } from './run.js';
import { missing, watchSurroundings } from './surroundings.js';
import { fetchTerms, type Terms } from './terms.js';

/** What a person does on this page, and what the page shows of it. */
export class TakePart {
  #state = BEGINNING;
  readonly #listeners = new Set<() => void>();
  #memory: Memory | undefined;
  #device: Device | undefined;
  #run: Run | undefined;
  #code: string | undefined;

  readonly state = (): PageState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Shows what the link leads to, or goes on with what this browser joined before. Sends nothing of the person's. */
  async begin(link: Link | undefined): Promise<void> {
    const lacks = missing();
    if (lacks.length > 0) return this.#stop('This browser cannot take part', `It lacks ${lacks.join(', ')}.`);
    watchSurroundings((surroundings) => this.#show({ surroundings }), new AbortController().signal);
    await this.#orStop(async () => {
      this.#memory = await Memory.open();
      const task = await this.#memory.read('task');
      if (link === undefined && task === undefined) {
        return this.#stop('Open the link that you were given', 'It names the task and lets you in.');
      }
      if (task !== undefined && link !== undefined && link.useCase !== task.useCase) {
        return this.#stop(
          `You take part in “${task.title}”`,
          'Open this page without the link, and leave that task first.',
        );
      }
      this.#code = link?.code;
      const useCase = task?.useCase ?? link!.useCase;
      const terms = await fetchTerms(coordinatorOf(location.href), useCase, task?.deploymentKey);
      this.#show({ terms, phase: 'consent' });
      if (task !== undefined) await this.#join(terms);
    });
  }

  /** Only from here on does anything leave the device. */
  readonly agree = async (): Promise<void> => {
    const { terms } = this.#state;
    if (terms !== undefined) await this.#orStop(() => this.#join(terms));
  };

  /** @throws FileProblem where they do not fit what is here */
  readonly addExamples = async (added: Examples): Promise<void> => {
    const examples = joinExamples(this.#state.examples, added);
    await this.#memory?.write('examples', examples);
    this.#show({ examples });
  };

  readonly deleteExamples = async (): Promise<void> => {
    await this.#memory?.remove('examples');
    this.#show({ examples: undefined });
  };

  readonly start = (): void => {
    this.#run?.start();
  };

  readonly pause = (): void => {
    this.#run?.pause();
  };

  /** Key, tokens, examples, history: everything that this browser kept. */
  readonly leave = async (): Promise<void> => {
    this.#run?.end();
    this.#device?.close();
    await this.#memory?.forget();
    const { terms } = this.#state;
    if (terms !== undefined) await forgetDevice(terms.useCase);
    this.#state = { ...BEGINNING, phase: 'left' };
    this.#show({});
  };

  async #join(terms: Terms): Promise<void> {
    this.#show({ phase: 'enrolling' });
    const { coordinator, issuer, intake, useCase, deploymentKey, title } = terms;
    const device = await enrol({ coordinator, issuer, intake, useCase, deploymentKey, code: this.#code ?? '' });
    this.#code = undefined;
    this.#device = device;
    const memory = this.#memory!;
    await memory.write('task', { useCase, title, deploymentKey });
    await navigator.storage?.persist?.();
    // Now, when nothing is about to be sent; a round that opens within W of this is sat out.
    await device.prefetch();
    const [examples, history = []] = [await memory.read('examples'), await memory.read('history')];
    this.#show({ phase: 'joined', examples, history });
    this.#run = new Run({ device, terms, memory, state: this.state, show: (patch) => this.#show(patch) });
    this.#run.watch();
  }

  async #orStop(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { title, text } = problemOf(error);
      this.#stop(title, text);
    }
  }

  #stop(title: string, text: string): void {
    this.#show({ phase: 'stopped', problem: { title, text } });
  }

  #show(patch: Partial<PageState>): void {
    this.#state = { ...this.#state, ...patch };
    for (const listener of this.#listeners) listener();
  }
}
