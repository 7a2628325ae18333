import { suiteOf } from '#credential';
import { BOOK, encodeSafetensors, measureInt32LE, Strategies, unflatten } from '#learning';
import { Admission } from '#edge';
import { CreateUseCase } from '#protocol';
import { FileBodyStore, ModelStore } from '#storage/bodies';
import { Devices, Issuances } from '#storage/identity';
import { Submissions } from '#storage/intake';
import { Manifests, PrimaryKeys, Rotations, UnwrappedKeys, UseCaseDrafts } from '#storage/keys';
import { TreeHeads, UnloggedFacts } from '#storage/log';
import { Models, RoundDeadlines, RoundPlans, RoundSchedule } from '#storage/rounds';
import { NO_TRACES } from '#tracing';

import { KeyRotation } from '../../apps/coordinator/src/key-rotation.js';
import { RoundKeeper } from '../../apps/coordinator/src/round-keeper.js';
import { TreeHeadSigner } from '../../apps/coordinator/src/tree-head-signer.js';
import { UseCaseRegister } from '../../apps/coordinator/src/use-case-register.js';
import { KeyRing as RedeemingKeys } from '../../apps/intake/src/key-ring.js';
import { SubmissionIntake } from '../../apps/intake/src/submission-intake.js';
import { Tally } from '../../apps/intake/src/tally.js';
import { Uploads } from '../../apps/intake/src/uploads.js';
import { IssuanceRate } from '../../apps/issuer/src/issuance-rate.js';
import { KeyRing as IssuingKeys } from '../../apps/issuer/src/key-ring.js';
import { KeyUsage } from '../../apps/issuer/src/key-usage.js';
import { RequestRate } from '../../apps/issuer/src/request-rate.js';
import { TokenIssuer } from '../../apps/issuer/src/token-issuer.js';

import { AUDIENCE, EPOCH_SECONDS, LAYOUT, PARAMETERS, random, SCALE, SLOTS, type Premises } from './premises.js';
import { SimulatedWorker } from './simulated-worker.js';

const UNLIMITED = 1e9;

/** All processes of a Starling as objects of this one. A restart makes them anew. */
export class Servers {
  readonly issuer: TokenIssuer;
  readonly issuances: Issuances;
  readonly devices: Devices;
  readonly intake: SubmissionIntake;
  readonly schedule: RoundSchedule;
  readonly rotation: KeyRotation;
  readonly worker: SimulatedWorker;
  readonly #issuingKeys: IssuingKeys;
  readonly #register: UseCaseRegister;
  readonly #files: ModelStore;
  readonly #keeper: RoundKeeper;
  readonly #signer: TreeHeadSigner;
  readonly #uploads: Uploads;
  #isOver = false;

  constructor(premises: Premises) {
    const { pools, encryption, engine, signing, log } = premises;
    this.#files = new ModelStore(premises.models);
    this.issuances = new Issuances(pools.issuer);
    this.devices = new Devices(pools.issuer);
    const primaryKeys = new PrimaryKeys(pools.issuer);
    const keys = new UnwrappedKeys(primaryKeys, encryption);
    this.#issuingKeys = new IssuingKeys({
      ...{ primaryKeys, encryption, keys, engine },
      manifests: new Manifests(pools.issuer),
    });
    this.issuer = this.#openIssuer(premises, primaryKeys);
    this.#uploads = openUploads(premises, () => this.#isOver);
    this.intake = openIntake(premises, this.#uploads);
    const drafts = new UseCaseDrafts(pools.coordinator);
    const models = new Models(pools.coordinator);
    this.schedule = new RoundSchedule(pools.coordinator);
    const ports = {
      drafts,
      models,
      files: this.#files,
      key: signing,
      logKey: log.publicKey,
      strategies: new Strategies(BOOK),
    };
    this.#register = new UseCaseRegister(ports, AUDIENCE);
    this.rotation = new KeyRotation({ rotations: new Rotations(pools.coordinator), drafts, key: signing });
    const facts = new UnloggedFacts(pools.coordinator);
    const deadlines = new RoundDeadlines(pools.coordinator);
    const plans = new RoundPlans(pools.coordinator);
    this.#keeper = new RoundKeeper(
      { schedule: this.schedule, plans, register: this.#register, facts, deadlines, traces: NO_TRACES },
      0,
    );
    const settings = { audience: AUDIENCE, intervalMs: 1 };
    this.#signer = new TreeHeadSigner(new TreeHeads(pools.coordinator), log, settings);
    this.worker = new SimulatedWorker(premises);
  }

  #openIssuer({ engine, now }: Premises, primaryKeys: PrimaryKeys): TokenIssuer {
    const ports = {
      devices: this.devices,
      issuances: this.issuances,
      keys: this.#issuingKeys,
      usage: new KeyUsage(primaryKeys),
      rate: new RequestRate(UNLIMITED, now),
      issuanceRate: new IssuanceRate({ total: UNLIMITED, limitOf: async () => null, now }),
    };
    const evaluate: ConstructorParameters<typeof TokenIssuer>[0]['evaluate'] = async (item) => {
      const suite = suiteOf(item.suite, engine);
      const pair = suite.deriveKeyPair(item.primaryKey, item.info);
      const { evaluated, proof } = suite.evaluate(pair, [item.blinded], random);
      return { evaluated: evaluated[0]!, proof };
    };
    return new TokenIssuer({ ...ports, evaluate }, AUDIENCE);
  }

  /** The coordinator's turn, and the issuer's share in it. */
  async keep(): Promise<void> {
    await this.#issuingKeys.makeWanted();
    await this.rotation.run();
    await this.#keeper.run();
    if (await this.#signer.sign()) await this.#keeper.run();
  }

  /** What the operating system does for a process that ends: files are closed. Uploads under way are gone. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#uploads.sweep();
  }

  async createUseCase(id: string): Promise<void> {
    const initial = encodeSafetensors(unflatten(new Float32Array(PARAMETERS), LAYOUT));
    const initialModel = Buffer.from(await this.#files.put(initial)).toString('hex');
    const layout = LAYOUT.map(({ name, shape }) => ({ name, shape: [...shape] }));
    const rules = { kMin: 1, jitterMs: 0, slots: SLOTS, batch: SLOTS, scale: SCALE, epochSeconds: EPOCH_SECONDS };
    await this.#register.draft(CreateUseCase.parse({ id, title: 'A simulation', initialModel, layout, ...rules }));
    await this.keep();
  }
}

function openUploads({ bodies, permitKey, now }: Premises, isOver: () => boolean): Uploads {
  const limits = { maxUploads: 512, maxBytesInFlight: 2 ** 26 };
  return new Uploads(
    {
      bodies: new FileBodyStore(bodies),
      permitKey,
      now: () => (isOver() ? Infinity : now()),
      measure: measureInt32LE,
    },
    limits,
  );
}

function openIntake({ pools, engine, encryption }: Premises, uploads: Uploads): SubmissionIntake {
  const submissions = new Submissions(pools.intake);
  const primaryKeys = new UnwrappedKeys(new PrimaryKeys(pools.intake), encryption);
  const ports = {
    submissions,
    keys: new RedeemingKeys(new Manifests(pools.intake), primaryKeys),
    uploads,
    opening: new Admission(512),
    tally: new Tally(submissions),
  };
  const redeem: ConstructorParameters<typeof SubmissionIntake>[0]['redeem'] = async (item) => {
    const suite = suiteOf(item.suite, engine);
    return suite.evaluateInput(suite.deriveKeyPair(item.primaryKey, item.info), item.token);
  };
  return new SubmissionIntake({ ...ports, redeem }, AUDIENCE);
}
