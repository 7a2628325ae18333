/** What `starling demo` was asked to do. */
export interface DemoOptions {
  readonly devices: number;
  /** default: as many as take the model past 90 % */
  readonly rounds?: number;
  readonly alpha: number;
  readonly seed: number;
  readonly model: 'mlp' | 'cnn';
  /** the accuracy below which the demo has failed */
  readonly goal: number;
  readonly directory: string;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** Of them one is honest first: it spends its token twice. */
const MISBEHAVING = 4;
const DISHONEST = MISBEHAVING - 1;
export const FEWEST_DEVICES = MISBEHAVING + 2;
/** Every device has at least twenty of the 8,500 images. */
export const MOST_DEVICES = 400;

export const JITTER_MS = 1000;
const K_MIN = 40;
const SLOTS = 64;
const MOST_SLOTS = 1024;
export const MOST_ROUNDS = MOST_SLOTS;

export interface Plan {
  readonly kMin: number;
  /** all honest devices: no round of the demo is cut short, so its model does not depend on who was fast */
  readonly target: number;
  readonly slots: number;
  readonly rounds: number;
}

export function planOf(devices: number, rounds: number): Plan {
  const target = devices - DISHONEST;
  return { target, kMin: Math.min(K_MIN, Math.floor(0.8 * devices), target), slots: Math.max(SLOTS, rounds), rounds };
}

/** @param attempt  from 1; the second demo of a second gets another name */
export function useCaseName(now: Date, attempt: number): string {
  const [day, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  return `digits-${day}-${time}${attempt === 1 ? '' : `-${attempt}`}`;
}
