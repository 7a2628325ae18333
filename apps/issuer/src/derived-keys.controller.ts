import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';

import { UseCaseId, type DerivedKeyReply, type DerivedKeysReply } from '#protocol';

import { DerivedKeyDesk } from './derived-key-desk.js';

const Epoch = z.coerce.number().int().min(0).max(0x7fffffff);
const Slot = z.coerce.number().int().min(0).max(0xffff);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Public keys of slots, for devices of suites that cannot compute them. The same for everybody, and without a name. */
@Controller('v1')
export class DerivedKeysController {
  constructor(private readonly derivedKeys: DerivedKeyDesk) {}

  @Get('use-cases/:id/derived-keys/:epoch/:slot')
  async derivedKey(
    @Param('id', { schema: UseCaseId }) useCase: string,
    @Param('epoch', { schema: Epoch }) epoch: number,
    @Param('slot', { schema: Slot }) slot: number,
  ): Promise<DerivedKeyReply> {
    const { publicKey, proof } = await this.derivedKeys.proven(useCase, epoch, slot);
    return { publicKey: hex(publicKey), proof: hex(proof) };
  }

  @Get('use-cases/:id/derived-keys/:epoch')
  async derivedKeyList(
    @Param('id', { schema: UseCaseId }) useCase: string,
    @Param('epoch', { schema: Epoch }) epoch: number,
  ): Promise<DerivedKeysReply> {
    return { publicKeys: (await this.derivedKeys.list(useCase, epoch)).map(hex) };
  }
}
