/** One change that makes Starling wrong, and the tests that must notice. */
export interface Mutant {
  readonly name: string;
  /** source file; SQL takes effect as it is, TypeScript is compiled, the dashboard built */
  readonly file: string;
  /** occurs once in it */
  readonly from: string;
  readonly to: string;
  /** test files, as Jest's patterns */
  readonly tests: string;
  /** at least one test of one of these rules fails */
  readonly rules: readonly string[];
}

/** The mutated text. @throws Error where the mutant is out of date */
export function mutate({ name, file, from, to }: Mutant, text: string): string {
  const found = text.split(from).length - 1;
  if (found !== 1) throw new Error(`${name}: ${file} has ${found} times "${from}", not once`);
  return text.replace(from, () => to);
}
