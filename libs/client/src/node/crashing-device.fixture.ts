/**
 * One life of a device: enrols, fetches tokens, takes part in the open round, and is killed with SIGKILL at
 * the point it is told. Points lie before and after everything that is stored and everything that is sent.
 *
 *   node crashing-device.fixture.js <settings as JSON> <directory> <number of the point, -1: none>
 *
 * Prints the points it has passed as JSON.
 */
import { Device, type DeviceSettings, type Platform } from '../index.js';
import { nodePlatform } from './node-platform.js';

const [settings = '{}', directory = '', killAt = '-1'] = process.argv.slice(2);
const passed: string[] = [];

function pass(point: string): void {
  if (passed.push(point) - 1 === Number(killAt)) process.kill(process.pid, 'SIGKILL');
}

async function around<T>(what: string, work: () => Promise<T>): Promise<T> {
  pass(`before ${what}`);
  const result = await work();
  pass(`after ${what}`);
  return result;
}

function watched(platform: Platform): Platform {
  const { http, connect, store } = platform;
  const request =
    (send: Platform['http']['issuer']): Platform['http']['issuer'] =>
    (url, options) =>
      around(`${options.method} ${new URL(url).pathname.split('/').at(-1)}`, () => send(url, options));
  return {
    ...platform,
    http: { issuer: request(http.issuer), coordinator: request(http.coordinator) },
    connect: async (url, path, query) => {
      const connection = await around(`connect ${path}`, () => connect(url, path, query));
      return {
        close: () => connection.close(),
        emitWithAck: (event, payload, ms) => around(`emit ${event}`, () => connection.emitWithAck(event, payload, ms)),
      };
    },
    store: {
      read: (name) => store.read(name),
      write: (name, bytes) => around(`write ${name}`, () => store.write(name, bytes)),
      remove: (name) => around(`remove ${name}`, () => store.remove(name)),
    },
  };
}

const platform = nodePlatform({ directory });
const device = await Device.enrol(JSON.parse(settings) as DeviceSettings, watched(platform));
await device.prefetch({ slots: 1 });
// Never the same update twice: two trainings for one token would show.
await device.participate(({ parameters }) => parameters.map((value) => value + Math.random() / 100));
platform.close();
console.log(JSON.stringify(passed));
