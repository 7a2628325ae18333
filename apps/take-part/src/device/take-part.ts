import { enrol, forgetDevice, type Device } from '#client/browser';

import { joinExamples, type Examples } from '../examples/examples.js';
import type { Link } from '../link.js';
import { Memory } from '../memory/memory.js';
import { coordinatorOf } from './coordinator.js';
import { BEGINNING, type PageState } from './page-state.js';
import { PageProblem, problemOf } from './problems.js';
import { Run } from './run.js';
import { missing, watchSurroundings } from './surroundings.js';
import { fetchTerms, type Terms } from './terms.js';

/** How long it waits before it tries again by itself; sooner where the browser says that it is online again. */
const RETRY_MS = 10_000;

/** What a person does on this page, and what the page shows of it. */
export class TakePart {
  #state = BEGINNING;
  readonly #listeners = new Set<() => void>();
  readonly #memory = new Memory();
  #device: Device | undefined;
  #run: Run | undefined;
  #code: string | undefined;
  /** what was stopped and may work later */
  #stopped: (() => Promise<void>) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** what is being done, or was last */
  #underWay: Promise<void> = Promise.resolve();

  readonly state = (): PageState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Shows what the link leads to, or goes on with what this browser joined before. Sends nothing of the person's. */
  async begin(link: Link | undefined): Promise<void> {
    const lacks = missing();
    if (lacks.length > 0) {
      const problem = { title: 'This browser cannot take part', text: `It lacks ${lacks.join(', ')}.` };
      return this.#show({ phase: 'stopped', problem });
    }
    watchSurroundings((surroundings) => this.#show({ surroundings }), new AbortController().signal);
    addEventListener('online', () => void this.again());
    this.#code = link?.code;
    await this.#orStop(() => this.#open(link));
  }

  /** Only from here on does anything leave the device. */
  readonly agree = async (): Promise<void> => {
    const { terms } = this.#state;
    if (terms === undefined) return;
    this.#show({ phase: 'enrolling' });
    await this.#orStop(() => this.#join(terms));
  };

  /** Tries once more what was stopped; what a page was told, such as the code of the link, it still knows. */
  readonly again = async (): Promise<void> => {
    const work = this.#stopped;
    this.#stopped = undefined;
    clearTimeout(this.#timer);
    if (work === undefined) return;
    this.#show({ isTrying: true });
    await this.#orStop(work);
  };

  /** @throws FileProblem where they do not fit what is here */
  readonly addExamples = async (added: Examples): Promise<void> => {
    const examples = joinExamples(this.#state.examples, added);
    await this.#memory.write('examples', examples);
    this.#show({ examples });
  };

  readonly deleteExamples = async (): Promise<void> => {
    await this.#memory.remove('examples');
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
    // Else it could join while all is being deleted.
    await this.#underWay;
    clearTimeout(this.#timer);
    this.#stopped = undefined;
    this.#run?.end();
    this.#device?.close();
    const useCase = (await this.#memory.read('task'))?.useCase ?? this.#state.terms?.useCase;
    await this.#memory.forget();
    if (useCase !== undefined) await forgetDevice(useCase);
    this.#state = { ...BEGINNING, phase: 'left' };
    this.#show({});
  };

  async #open(link: Link | undefined): Promise<void> {
    const task = await this.#memory.read('task');
    this.#show({ task: task?.title });
    if (link === undefined && task === undefined) {
      throw new PageProblem({
        title: 'Open the link that you were given',
        text: 'It names the task and lets you in.',
      });
    }
    if (task !== undefined && link !== undefined && link.useCase !== task.useCase) {
      throw new PageProblem({
        title: `You take part in “${task.title}”`,
        text: 'Open this page without the link to go on with it, or leave it here and then open the link again.',
      });
    }
    const useCase = task?.useCase ?? link!.useCase;
    const terms = await fetchTerms(coordinatorOf(location.href), useCase, task?.deploymentKey);
    this.#show({ terms, isTrying: false, phase: task === undefined ? 'consent' : 'enrolling' });
    if (task !== undefined) await this.#join(terms);
  }

  async #join(terms: Terms): Promise<void> {
    const { coordinator, issuer, intake, useCase, deploymentKey, title } = terms;
    const device = await enrol({ coordinator, issuer, intake, useCase, deploymentKey, code: this.#code ?? '' });
    this.#code = undefined;
    this.#device = device;
    const memory = this.#memory;
    await memory.write('task', { useCase, title, deploymentKey });
    this.#show({ task: title });
    await navigator.storage?.persist?.();
    // Now, when nothing is about to be sent; a round that opens within W of this is sat out.
    await device.prefetch();
    const [examples, history = []] = [await memory.read('examples'), await memory.read('history')];
    this.#show({ phase: 'joined', problem: undefined, isTrying: false, examples, history });
    this.#run = new Run({ device, terms, memory, state: this.state, show: (patch) => this.#show(patch) });
    this.#run.watch();
  }

  #orStop(work: () => Promise<void>): Promise<void> {
    this.#underWay = work().catch((error: unknown) => {
      // Another tab may be the device now, or this one at its next try.
      this.#device?.close();
      this.#device = undefined;
      const problem = problemOf(error);
      this.#show({ phase: 'stopped', problem, isTrying: false });
      if (problem.passes === undefined) return;
      this.#stopped = work;
      if (problem.passes === 'by itself') this.#timer = setTimeout(() => void this.again(), RETRY_MS);
    });
    return this.#underWay;
  }

  #show(patch: Partial<PageState>): void {
    this.#state = { ...this.#state, ...patch };
    for (const listener of this.#listeners) listener();
  }
}
