import { Random } from '../../apps/fleet/src/data/random.js';

import { bytesOf, chance, hostileJson, mutateBytes, mutateJson, pickOne } from './mutate.js';
import { faultyFrame, frameOf } from './websocket-frame.js';

/** Genuine things to spoil. None of it may ever be accepted: the header names a body that nobody has. */
export interface SocketMaterial {
  readonly header: Uint8Array;
  readonly mac: Uint8Array;
  /** a MAC by the token's owner over any bytes */
  readonly sign: (header: Uint8Array) => Uint8Array;
  /** hex; of a live upload */
  readonly permit: string;
  readonly chunk: Uint8Array;
}

export interface SocketSession {
  readonly to: 'intake' | 'coordinator';
  readonly path: string;
  readonly frames: readonly Buffer[];
}

const HANDSHAKE = 'EIO=4&transport=websocket';
const NAMESPACES = [
  '',
  '/',
  '/events,',
  '/submit,',
  '/nowhere,',
  `/${'n'.repeat(300)},`,
  '/__proto__,',
  '/events?a=b,',
];
const EVENTS = [
  'submit:open',
  'upload:chunk',
  'upload:commit',
  'connect',
  'disconnect',
  'error',
  'newListener',
  '__proto__',
];
const PLACES = [-1, 0, 1, 2, 9, 1e9, 0.5, '0', null];

/** The i-th connection of a run: a beginning that mostly holds, then frames that do not. */
export function socketSession(seed: number, i: number, material: SocketMaterial): SocketSession {
  const random = new Random(seed, 'socket session', i);
  const kind = pickOne(random, ['submit', 'submit', 'submit', 'upload', 'events'] as const);
  const frames: Buffer[] = [];
  if (chance(random, 0.9)) frames.push(frameOf(`40${kind === 'events' ? '/events,' : ''}`));
  // Most say what they came for before they go wrong: else nothing deep is ever reached.
  if (kind !== 'events' && chance(random, 0.6)) {
    const packets = kind === 'upload' ? chunk(random, material) : header(random, material);
    frames.push(...packets.map((packet) => frameOf(packet)));
  }
  for (let n = 1 + random.below(6); n > 0; n--) frames.push(...step(random, kind, material));
  return { to: kind === 'events' ? 'coordinator' : 'intake', path: pathOf(random, kind, material), frames };
}

function pathOf(random: Random, kind: string, { permit }: SocketMaterial): string {
  if (kind === 'submit') return `/submit/?${HANDSHAKE}`;
  if (kind === 'events') return `/socket.io/?${HANDSHAKE}`;
  const said = chance(random, 0.8) ? permit : mutateBytes(random, Buffer.from(permit)).toString('hex');
  return `/upload/?${HANDSHAKE}&permit=${said}`;
}

/** One packet of some kind, right or wrong, in frames that are right or wrong. */
function step(random: Random, kind: string, material: SocketMaterial): Buffer[] {
  const packets = pickOne<() => readonly (string | Uint8Array)[]>(random, [
    () => (kind === 'upload' ? chunk(random, material) : header(random, material)),
    () => (kind === 'upload' ? chunk(random, material) : header(random, material)),
    () => [event(random, pickOne(random, EVENTS))],
    () => placeholders(random),
    () => [`4${random.below(10)}${pickOne(random, NAMESPACES)}${hostileJson(random)}`],
    () => [`${random.below(8)}${pickOne(random, ['', 'probe', hostileJson(random)])}`],
    () => [bytesOf(random, random.below(600))],
    () => [mutateBytes(random, Buffer.from('42["submit:open",{"header":"","mac":""}]')).toString('latin1')],
  ])();
  return packets.map((packet) => (chance(random, 0.1) ? faultyFrame(random, packet) : frameOf(packet)));
}

/** `submit:open` with a header that is genuine, spoilt, or spoilt and signed anew; or with something else in its place. */
function header(random: Random, { header, mac, sign }: SocketMaterial): (string | Uint8Array)[] {
  const sent = pickOne<() => Buffer>(random, [
    () => Buffer.from(header),
    () => turned(random, header),
    () => turned(random, header),
    () => mutateBytes(random, header).subarray(0, 1400),
  ])();
  const under = pickOne<() => Uint8Array>(random, [() => sign(sent), () => mac, () => mutateBytes(random, mac)])();
  const [first, second] = [0, 1].map((num) => ({ _placeholder: true, num }));
  const body = chance(random, 0.8)
    ? JSON.stringify({ header: first, mac: second })
    : mutateJson(random, { header: first, mac: second });
  return [`452-${ackId(random)}["submit:open",${body}]`, sent, under];
}

/** One bit is other: lengths mostly still fit. */
function turned(random: Random, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
}

/** `upload:chunk` with wrong indices, lengths and bytes, or a commit of what is not whole. */
function chunk(random: Random, { chunk }: SocketMaterial): (string | Uint8Array)[] {
  if (chance(random, 0.2))
    return [`42${ackId(random)}["upload:commit",${chance(random, 0.5) ? '{}' : hostileJson(random)}]`];
  const index = pickOne(random, ['0', '0', '1', '-1', '4294967295', '4294967296', '0.5', hostileJson(random)]);
  const bytes = chance(random, 0.5) ? chunk : mutateBytes(random, chunk);
  return [`451-${ackId(random)}["upload:chunk",{"index":${index},"bytes":{"_placeholder":true,"num":0}}]`, bytes];
}

const event = (random: Random, name: string): string =>
  `42${pickOne(random, NAMESPACES)}${ackId(random)}[${JSON.stringify(name)},${hostileJson(random)}]`;

/** Binary packets that announce what does not come, and take what was not announced. */
function placeholders(random: Random): (string | Uint8Array)[] {
  const announced = pickOne(random, ['0', '1', '2', '10', '11', '-1', '1e9', '99999999999999999999', '', 'x', '1.5']);
  const places = Array.from({ length: random.below(4) }, () => ({ _placeholder: true, num: pickOne(random, PLACES) }));
  const sent = Array.from({ length: random.below(4) }, () => bytesOf(random, random.below(64)));
  return [`4${5 + random.below(2)}${announced}-${ackId(random)}${JSON.stringify(['submit:open', ...places])}`, ...sent];
}

const ackId = (random: Random): string => pickOne(random, ['0', '0', '0', '', '1', '007', '-1', '9'.repeat(40)]);
