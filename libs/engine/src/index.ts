/** The libraries that servers compute credentials with, and the choice between them. */
export { sodiumEngine } from './sodium-engine.js';
export { openNativeSodium } from './sodium-native.js';
export { openWasmSodium } from './sodium-wasm.js';
