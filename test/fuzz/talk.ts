import { connect } from 'node:net';

import { frameOf, OPCODE } from './websocket-frame.js';

/** For an answer that may never come: a busy process takes its time. */
const PATIENCE_MS = 1000;
/** Long enough for the rest to be read and answered; who is still connected then leaves. */
const LISTEN_MS = 100;
/** Who left by the rules has so long to be let go. */
const LEAVE_MS = 300;

const CLOSE = frameOf(Buffer.from([0x03, 0xe8]), { opcode: OPCODE.close });
/** What comes before the handshake is over is lost; before CONNECT was heard it is refused, whatever it is. */
const OPENED = /0\{"sid"/;
const CONNECTED = /40(\/events,)?\{"sid"/;

/** What is said, and what is waited for before that. */
type Line = readonly [said: Uint8Array, after?: RegExp];

/** A WebSocket that says the first of this, is answered, says the rest and closes. @returns what was answered */
export function talk(url: string, path: string, [first, ...rest]: readonly Buffer[]): Promise<string> {
  const head =
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`;
  return converse(url, [[Buffer.from(head)], [first!, OPENED], [Buffer.concat(rest), CONNECTED]], CLOSE);
}

/** Bytes on a connection of their own. @returns what was answered */
export const say = (url: string, bytes: Buffer): Promise<string> => converse(url, [[bytes]], Buffer.alloc(0));

function converse(url: string, lines: Line[], farewell: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let told = '';
    let timer: NodeJS.Timeout;
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const after = (ms: number, step: () => void): void => {
      clearTimeout(timer);
      timer = setTimeout(step, ms);
    };
    const leave = (): void => {
      socket.end(farewell);
      after(LEAVE_MS, () => socket.destroy());
    };
    const sayNext = (): void => {
      socket.write(lines.shift()![0]);
      if (lines.length > 0) after(PATIENCE_MS, sayNext);
      else after(LISTEN_MS, leave);
    };
    after(10 * PATIENCE_MS, () => socket.destroy());
    socket.on('connect', sayNext);
    socket.on('data', (part) => {
      told += part.toString('latin1');
      if (lines[0]?.[1]?.test(told)) sayNext();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(told);
    });
  });
}
