/** Whether numbers lie in memory as they travel: then bytes are a view of them, or one copy. */
export const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
