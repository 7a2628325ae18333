/** Only for tests: a whole Starling in memory that speaks the protocol with the real suite. */
export { TestStarling } from '../starling.test-server.js';
