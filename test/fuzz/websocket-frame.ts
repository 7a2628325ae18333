import type { Random } from '../../apps/fleet/src/data/random.js';

import { bytesOf, chance, pickOne } from './mutate.js';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameFaults {
  readonly fin?: boolean;
  readonly reserved?: number;
  readonly opcode?: number;
  readonly masked?: boolean;
  /** what the frame says of its length, instead of the truth */
  readonly length?: bigint;
}

/** A client's frame (RFC 6455, section 5.2), masked with zeros, which leaves the payload as it is. */
export function frameOf(message: string | Uint8Array, faults: FrameFaults = {}): Buffer {
  const payload = Buffer.from(message);
  const { fin = true, reserved = 0, masked = true } = faults;
  const opcode = faults.opcode ?? (typeof message === 'string' ? OPCODE.text : OPCODE.binary);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  return Buffer.concat([
    Buffer.from([first]),
    lengthOf(faults.length ?? BigInt(payload.length), masked ? 0x80 : 0),
    masked ? Buffer.alloc(4) : Buffer.alloc(0),
    payload,
  ]);
}

function lengthOf(length: bigint, mask: number): Buffer {
  if (length < 126n) return Buffer.from([mask | Number(length)]);
  const short = length < 65_536n;
  const bytes = Buffer.alloc(short ? 3 : 9);
  bytes[0] = mask | (short ? 126 : 127);
  if (short) bytes.writeUInt16BE(Number(length), 1);
  else bytes.writeBigUInt64BE(BigInt.asUintN(64, length), 1);
  return bytes;
}

const LENGTHS = [0n, 1n, 125n, 126n, 65_535n, 65_536n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/** The message in a frame that is wrong in one way. */
export function faultyFrame(random: Random, message: string | Uint8Array): Buffer {
  return pickOne<() => Buffer>(random, [
    () => frameOf(message, { fin: false }),
    () => frameOf(message, { reserved: 1 + random.below(7) }),
    () => frameOf(message, { opcode: random.below(16) }),
    () => frameOf(message, { masked: false }),
    () => frameOf(message, { length: pickOne(random, LENGTHS) }),
    // Text that is cut within a character.
    () => frameOf(Buffer.from('42["\u{1f4a9}').subarray(0, -1 - random.below(3)), { opcode: OPCODE.text }),
    () => frameOf(bytesOf(random, random.below(200)), { opcode: pickOne(random, Object.values(OPCODE)) }),
    () => Buffer.concat([frameOf(message, { fin: false }), frameOf('x', { opcode: chance(random, 0.5) ? 0 : 1 })]),
  ])();
}
