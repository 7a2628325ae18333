/** Sums, medians and checks over slices of a round's updates: in WebAssembly of our own, or plainly. */
export { chooseKernel, describeKernel, type ChosenKernel } from './choose-kernel.js';
export type { FoldKernel, Slice, SumBounds } from './kernel.js';
export { plainKernel } from './plain-kernel.js';
export { readFoldModule, wasmKernel } from './wasm-kernel.js';
