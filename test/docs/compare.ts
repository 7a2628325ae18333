/** A line as far as it is the same in every run: numbers, ids, keys and the width of columns are not. */
const loose = (line: string): string =>
  line
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, '#')
    .replaceAll(/\b[0-9a-f]{32,}\b/g, '#')
    .replaceAll(/\d+([.,:]\d+)*/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();

const tight = (line: string): string => line.replaceAll(/\s+/g, ' ').trim();

/** Lines that a page shows and that no line of what was printed has in it. A line of `…` stands for any. */
export function missingLines(shown: string, printed: string, exact: boolean): string[] {
  const form = exact ? tight : loose;
  const lines = printed.split('\n').map(form);
  return shown
    .split('\n')
    .filter((line) => line.trim() !== '' && line.trim() !== '…')
    .filter((line) => !lines.some((other) => other.includes(form(line))));
}
