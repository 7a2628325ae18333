/** Only for tests: a whole Starling in memory that speaks the protocol with the real suite, and time that waits for nobody. */
export { TestStarling } from '../starling.test-server.js';
export { seeded } from './seeded.js';
export { VirtualTime } from './virtual-time.js';
