const COUNT = new Intl.NumberFormat('en');
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** `12,345` */
export const count = (n: number): string => COUNT.format(n);

/** `1 update`, `2 updates` */
export const plural = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`;

/** `92.4%` of a fraction */
export const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)}%`;

/** `+1.2 points`, of two fractions */
export function points(difference: number): string {
  const text = Math.abs(difference * 100).toFixed(1);
  return text === '0.0' ? 'no change' : `${difference > 0 ? '+' : '−'}${text} points`;
}

/** `8:12`, `1:02:03`; never below zero */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** `14:03:22`, of unix ms */
export const clock = (ms: number): string => TIME.format(ms);

/** `3 Mar, 14:03`, of unix ms */
export const day = (ms: number): string => DAY.format(ms);
