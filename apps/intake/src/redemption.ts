/** What a worker thread is asked: the secret behind a token. */
export interface RedemptionTask {
  readonly suite: string;
  readonly primaryKey: Uint8Array;
  readonly info: Uint8Array;
  readonly token: Uint8Array;
}

/** 64 bytes; what finalizing gave the device, if the token is genuine. */
export type Redeem = (task: RedemptionTask) => Promise<Uint8Array>;
