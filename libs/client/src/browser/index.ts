/** A device in a browser: the front door, and what a device needs of the browser. `npm run build` makes one file of it. */
export * from '../index.js';
export { browserHttp } from './browser-http.js';
export { browserAsker, browserPlatform, forgetDevice, type BrowserPlatform } from './browser-platform.js';
export { enrol } from './enrol.js';
export { IndexedDbTokenStore } from './indexed-db-token-store.js';
