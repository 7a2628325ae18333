import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';

import { Device, type Train } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import { encodeSafetensors } from '#learning';
import type { RoundView } from '#protocol';

import { toInput } from '../../apps/fleet/src/data/index.js';
import { eventually } from '../fixtures/patience.js';
import { newPerson, type Person } from '../fixtures/person.js';
import type { UseCaseWish } from '../fixtures/researcher.js';
import { deploymentKeyOf, startPublicStarling } from '../fixtures/public-starling.js';
import type { TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound } from '../fixtures/submission.js';
import { digits, SOFTMAX, trained, type Digits } from './softmax.js';

/** What pages show: real processes, tasks with devices that really train, somebody who looks. */
export class Scene {
  readonly #platforms: NodePlatform[] = [];

  private constructor(
    readonly starling: TestStarling,
    private readonly deploymentKey: string,
    private readonly examples: Digits,
  ) {}

  static async open(): Promise<Scene> {
    const starling = await startPublicStarling({ watches: true });
    return new Scene(starling, await deploymentKeyOf(starling), await digits());
  }

  async close(): Promise<void> {
    for (const platform of this.#platforms) platform.close();
    await this.starling.stop();
  }

  person(name: string, role: string): Promise<Person> {
    return newPerson(this.starling.researcher, name, role);
  }

  /** Digits, measured by the worker, with devices that have tokens for eight rounds. */
  async digitsTask(size: number, wish: UseCaseWish = {}): Promise<Task> {
    const { researcher } = this.starling;
    const { test } = this.examples;
    const [topology, evaluationSet] = [
      await researcher.upload(new TextEncoder().encode(JSON.stringify(SOFTMAX.topology))),
      await researcher.upload(
        encodeSafetensors([
          { name: 'inputs', shape: [test.labels.length, 784], data: toInput(test.inputs) },
          { name: 'labels', shape: [test.labels.length], data: Float32Array.from(test.labels) },
        ]),
      ),
    ];
    const { layout } = SOFTMAX;
    const plan = { title: 'Handwritten digits', layout, topology, evaluationSet, kMin: 2, scale: 65_536, ...wish };
    return this.task(size, plan, (i, round) => ({ parameters }) => {
      const from = (i * 400 + round * 80) % (this.examples.train.labels.length - 80);
      return trained(parameters, this.examples.train, [from, from + 80]);
    });
  }

  async task(
    size: number,
    wish: UseCaseWish,
    trainer: (device: number, round: number) => Train = () => nudge,
  ): Promise<Task> {
    const { issuer, coordinator, intake, researcher } = this.starling;
    const { useCase } = await researcher.createUseCase({ ...wish, batch: 8 });
    const code = await researcher.enrolmentCode(useCase, size);
    const devices: Device[] = [];
    for (let i = 0; i < size; i++) {
      const platform = nodePlatform();
      this.#platforms.push(platform);
      const { deploymentKey } = this;
      devices.push(await Device.enrol({ issuer, coordinator, intake, useCase, code, deploymentKey }, platform));
      await devices[i]!.prefetch({ slots: 8 });
    }
    return new Task(this.starling, useCase, devices, trainer);
  }
}

const nudge: Train = ({ parameters }) => parameters.map((value) => value + 2 ** -4);

/** A use case with its devices. */
export class Task {
  #round = 0;

  constructor(
    private readonly starling: TestStarling,
    readonly useCase: string,
    readonly devices: readonly Device[],
    private readonly trainer: (device: number, round: number) => Train,
  ) {}

  /** A round of all devices, published and, where that can be, measured. */
  async publish(): Promise<RoundView> {
    const { researcher } = this.starling;
    const size = this.devices.length;
    const [id] = await researcher.startRounds(this.useCase, { min: 2, target: size });
    await this.takePart(size);
    await researcher.awaitRound(id!, 'published', 60_000);
    const isMeasured = async () => (await researcher.round(id!)).waitsFor === null;
    await eventually('the model is measured', isMeasured, { withinMs: 60_000 });
    return researcher.round(id!);
  }

  /** A round that fewer devices come to than it needs. */
  async fail(): Promise<RoundView> {
    const { researcher } = this.starling;
    const size = this.devices.length;
    const [id] = await researcher.startRounds(this.useCase, { min: size, target: size, deadlineSeconds: 4 });
    await this.takePart(1);
    return researcher.awaitRound(id!, 'abandoned', 60_000);
  }

  /** A round in which devices measure the newest model. */
  async measure(): Promise<RoundView> {
    const { researcher } = this.starling;
    const size = this.devices.length;
    const answer = await researcher.call(`/use-cases/${this.useCase}/evaluations`, { min: 2, target: size });
    await this.takePart(size);
    return researcher.awaitRound((answer.json as { round: string }).round, 'published');
  }

  /** Opens a round and lets some devices send, so that it stays open. */
  async begin(coming: number): Promise<string> {
    const size = this.devices.length;
    const [id] = await this.starling.researcher.startRounds(this.useCase, { min: 2, target: size });
    await this.takePart(coming);
    return id!;
  }

  async takePart(size: number): Promise<void> {
    await awaitOpenRound(this.starling.coordinator, this.useCase);
    const round = this.#round++;
    const evaluate = () => ({ loss: 0.9 - 0.05 * round, accuracy: 0.76 + 0.02 * round });
    await Promise.all(
      this.devices.slice(0, size).map((device, i) => device.participate(this.trainer(i, round), { evaluate })),
    );
  }
}

/** A window of somebody who is signed in, or of nobody. */
export async function windowOf(
  browser: Browser,
  starling: TestStarling,
  person: Person | null,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  if (person?.cookie !== undefined) {
    await context.addCookies([{ name: 'starling-session', value: person.cookie, url: starling.coordinator }]);
  }
  return context;
}
