/** Text as it may stand in HTML, in an attribute too. */
export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** `–` where there is nothing to show: numbers that are not finite come of models that broke. */
export const shown = (value: number | null, format: (value: number) => string): string =>
  value === null || !Number.isFinite(value) ? '–' : format(value);
