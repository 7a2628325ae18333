import type { Manifest } from '#protocol';

import { TestCoordinator } from './coordinator.test-server.js';
import { FIRST_EPOCH, TestDeployment } from './deployment.test-server.js';
import { Device, type DeviceSettings } from './device.js';
import { TestIntake } from './intake.test-server.js';
import { TestIssuer } from './issuer.test-server.js';
import { nodePlatform, type NodePlatform, type NodeSettings } from './node/node-platform.js';
import type { Platform } from './platform.js';

/** A whole Starling in memory, three servers on three ports, that speaks the protocol with the real suite. */
export class TestStarling {
  readonly #platforms: NodePlatform[] = [];

  private constructor(
    readonly deployment: TestDeployment,
    readonly issuer: TestIssuer,
    readonly coordinator: TestCoordinator,
    readonly intake: TestIntake,
  ) {}

  static async start(changes: Partial<Manifest> = {}, initial?: Float32Array): Promise<TestStarling> {
    const deployment = new TestDeployment(changes, initial);
    const coordinator = await TestCoordinator.start(deployment);
    const intake = await TestIntake.start(deployment, () => coordinator.record);
    return new TestStarling(deployment, await TestIssuer.start(deployment), coordinator, intake);
  }

  get settings(): DeviceSettings {
    return {
      issuer: this.issuer.http.url,
      coordinator: this.coordinator.http.url,
      intake: this.intake.http.url,
      useCase: this.deployment.manifest.useCase,
      code: 'welcome',
      deploymentKey: this.deployment.deploymentKey,
    };
  }

  /** A machine that does not wait between tries: tests have no time. Its clock stands in the epoch that the issuer is in. */
  platform(settings: NodeSettings = {}): Platform {
    const platform = nodePlatform(settings);
    this.#platforms.push(platform);
    return {
      ...platform,
      clock: { now: () => this.#now(), sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    };
  }

  #now(): number {
    const { epochSeconds } = this.deployment.manifest;
    return Date.now() + 1000 * epochSeconds * (this.issuer.window.epoch - FIRST_EPOCH);
  }

  /** An enrolled device with tokens for the coming slots. */
  async device(platform: Platform = this.platform()): Promise<Device> {
    const device = await Device.enrol(this.settings, platform);
    await device.prefetch();
    return device;
  }

  async close(): Promise<void> {
    for (const platform of this.#platforms) platform.close();
    await Promise.all([this.issuer.http.close(), this.coordinator.close(), this.intake.close()]);
  }
}
