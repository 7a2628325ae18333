/** A command's answer: a text for people, or with `--json` one line for machines. */
export function print({ json }: { readonly json?: boolean }, value: unknown, text: () => string): void {
  process.stdout.write(`${json === true ? JSON.stringify(value) : text()}\n`);
}
