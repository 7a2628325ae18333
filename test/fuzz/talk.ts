import { connect } from 'node:net';

import { frameOf, OPCODE } from './websocket-frame.js';

/** Long enough to be read and answered; who is still connected then is left. */
const LISTEN_MS = 60;
const GIVE_UP_MS = 400;

const CLOSE = frameOf(Buffer.from([0x03, 0xe8]), { opcode: OPCODE.close });

/** A WebSocket that says all of this at once and then closes. @returns what was answered */
export function talk(url: string, path: string, frames: readonly Buffer[]): Promise<string> {
  const head =
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`;
  return exchange(url, [Buffer.from(head, 'latin1'), ...frames], CLOSE);
}

/** Bytes on a connection of their own. @returns what was answered */
export const say = (url: string, bytes: Buffer): Promise<string> => exchange(url, [bytes]);

function exchange(url: string, parts: readonly Buffer[], farewell?: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let told = '';
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const leave = (): void => void (farewell === undefined ? socket.end() : socket.end(farewell));
    const leaving = setTimeout(leave, LISTEN_MS);
    const giveUp = setTimeout(() => socket.destroy(), GIVE_UP_MS);
    socket.on('connect', () => socket.write(Buffer.concat(parts)));
    socket.on('data', (part) => (told += part.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(leaving);
      clearTimeout(giveUp);
      resolve(told);
    });
  });
}
