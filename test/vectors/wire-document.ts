/*
 * Values in docs/wire.md: `    name = hex`, in lines of 96 digits; further lines of a value are indented below its `=`.
 */

const VALUE = /^ {4}([a-z_]+) =(?: ([0-9a-f]+))?\n((?: {8}[0-9a-f]+\n)*)/gm;
const WIDTH = 96;

/** What the page says, by name. */
export function valuesIn(page: string): Record<string, string> {
  const all = [...page.matchAll(VALUE)].map(([, name, first, more]) => [
    name,
    `${first ?? ''}${more!.replaceAll(/\s/g, '')}`,
  ]);
  return Object.fromEntries(all) as Record<string, string>;
}

/** The page with these values in their places; each of them has one. */
export function withValues(page: string, values: Readonly<Record<string, string>>): string {
  return page.replaceAll(VALUE, (_, name: string) => {
    const hex = values[name];
    if (hex === undefined) throw new RangeError(`docs/wire.md has ${name}, which is no value`);
    const short = 4 + name.length + 3 + hex.length <= WIDTH + 8;
    return short ? `    ${name} = ${hex}\n` : `    ${name} =\n${inLines(hex)}`;
  });
}

const inLines = (hex: string): string =>
  hex.replaceAll(new RegExp(`.{1,${WIDTH}}`, 'g'), (line) => `        ${line}\n`);
