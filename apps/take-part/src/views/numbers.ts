const whole = new Intl.NumberFormat('en');

export const count = (value: number): string => whole.format(value);

/** "1 example", "2 examples" */
export const counted = (value: number, word: string): string => `${count(value)} ${word}${value === 1 ? '' : 's'}`;

export const figure = (value: number): string => (value === 0 ? '0' : Number(value.toPrecision(3)).toString());

export function bytes(value: number): string {
  if (value < 1000) return counted(value, 'byte');
  return value < 1e6 ? `${figure(value / 1000)} kB` : `${figure(value / 1e6)} MB`;
}

/** 64 hex digits in groups of 8, to be compared by eye. */
export const grouped = (hex: string): readonly string[] => hex.match(/.{1,8}/g) ?? [];

export const timeOf = (iso: string | number): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
