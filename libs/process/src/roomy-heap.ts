/**
 * For Node, where a process takes in and lets go of bytes by the megabyte beside a small heap: intake, the worker, a fleet
 * of devices. V8 counts such bytes towards the limit of the heap, which it makes for what is inside, and looks all of it
 * through again and again: a fifth to a third of what such a process does. This lets more come before it looks, and takes
 * some more memory (ADR 41). Threads have it from their process.
 */
export const ROOMY_HEAP = '--initial-heap-size=512';

/** However people write it, who may have given another number. */
const ITS_NAME = /^--initial[-_]heap[-_]size\b/;

/** Flags of V8 are for the whole process; a thread that is given one does not start. */
export const flagsForThreads = (flags: readonly string[]): string[] => flags.filter((flag) => !ITS_NAME.test(flag));
