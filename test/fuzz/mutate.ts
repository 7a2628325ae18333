import type { Random } from '../../apps/fleet/src/data/random.js';

export const pickOne = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)]!;
export const chance = (random: Random, share: number): boolean => random.uniform() < share;
export const bytesOf = (random: Random, length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, () => random.below(256)));

const EXTREMES = [0x00, 0x01, 0x7f, 0x80, 0xff];

/** One to four faults in a copy: bits turned, bytes set to extremes, cut, grown, a part repeated or moved. */
export function mutateBytes(random: Random, bytes: Uint8Array): Buffer {
  let mutated = Buffer.from(bytes);
  for (let i = random.below(4); i >= 0; i--) mutated = Buffer.from(fault(random, mutated));
  return mutated;
}

function fault(random: Random, bytes: Buffer): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = random.below(Math.min(16, bytes.length + 1));
  switch (random.below(6)) {
    case 0:
      if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = pickOne(random, EXTREMES);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytesOf(random, length), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - length))]);
    default:
      return Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
  }
}

const DEPTHS = [10, 100, 400];

/** JSON texts that parsers and schemas stumble over; some are no JSON. */
export function hostileJson(random: Random): string {
  const depth = pickOne(random, DEPTHS);
  return pickOne<() => string>(random, [
    () => '['.repeat(depth) + ']'.repeat(depth),
    () => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth),
    () => '['.repeat(depth),
    () =>
      pickOne(random, ['1e400', '-1e400', '1e-400', '9007199254740993', '-0', '0.1', '1'.repeat(300), '0x10', 'NaN']),
    () => pickOne(random, ['null', 'true', '""', '[]', '{}', '-', '"', '"\\u0000"', '"\\ud800"', '"\\u202e"', '']),
    () => pickOne(random, ['{"__proto__":{"ok":true}}', '{"constructor":{"prototype":{"x":1}}}', '{"toString":1}']),
    () => pickOne(random, ['{"then":1}', '{"toJSON":"x"}', '{"length":-1}', '{"_placeholder":true,"num":0}']),
    () => JSON.stringify('x'.repeat(random.below(3000))),
    () => JSON.stringify(Array.from({ length: random.below(200) }, (_, i) => i)),
    () => `{${'"a":1,'.repeat(random.below(50))}"a":2}`,
    () => '"\u{1f4a9}\ufeff\u0085"',
  ])();
}

/** The JSON of a value with one thing in it wrong: a field replaced, left out, added or there twice, or the text spoilt. */
export function mutateJson(random: Random, value: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(value).map(
    ([name, content]) => [JSON.stringify(name), JSON.stringify(content)] as const,
  );
  const at = random.below(fields.length + 1);
  const text = (parts: readonly (readonly [string, string])[]): string =>
    `{${parts.map(([name, content]) => `${name}:${content}`).join(',')}}`;
  const [name = '"x"'] = fields[at] ?? [];
  const replaced = fields.map((field, i) => (i === at ? ([field[0], hostileJson(random)] as const) : field));
  return pickOne<() => string>(random, [
    () => text(replaced),
    () => text(replaced),
    () => text(fields.filter((_, i) => i !== at)),
    () => text([...fields, [pickOne(random, ['"__proto__"', '"extra"', '""', name]), hostileJson(random)]]),
    () => mutateBytes(random, Buffer.from(text(fields))).toString('latin1'),
    () => hostileJson(random),
  ])();
}
