/**
 * For Node, where a process takes in and lets go of bytes by the megabyte beside a small heap: intake, a fleet of devices.
 * V8 counts such bytes towards the limit of the heap, which it makes for what is inside, so twenty megabytes of objects were
 * looked through some sixty times a second: a third of what such a process did, on two more threads. Its memory grows by a
 * tenth at most, since what is young is still thrown away in time (measured: ADR 41).
 */
export const ROOMY_HEAP = '--initial-heap-size=512';

/** Flags of V8 are for the whole process; a thread that is given one does not start. */
export const flagsForThreads = (flags: readonly string[]): string[] => flags.filter((flag) => flag !== ROOMY_HEAP);
