import { asciiBytes, concatBytes } from './bytes.js';

const ACCEPTED = asciiBytes('accepted');

/** What the receipt MAC is over: "accepted" ‖ SHA-256(H). Its key is not the submit key, so neither can pass for the other. */
export const receiptMessage = (headerDigest: Uint8Array): Uint8Array => concatBytes(ACCEPTED, headerDigest);

/** What makes two submissions the same: H ‖ mac, to be hashed. The same pair gets the same receipt again. */
export const transcript = (header: Uint8Array, mac: Uint8Array): Uint8Array => concatBytes(header, mac);
