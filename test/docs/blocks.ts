/** What a page of the documentation asks a reader to do, and what he should see. */
export type Block =
  | { readonly kind: 'run'; readonly code: string; readonly line: number; readonly fails: number }
  | { readonly kind: 'background'; readonly code: string; readonly line: number; readonly until: string | undefined }
  | { readonly kind: 'skip'; readonly code: string; readonly line: number; readonly reason: string }
  | { readonly kind: 'file'; readonly code: string; readonly line: number; readonly name: string }
  | { readonly kind: 'output'; readonly code: string; readonly line: number; readonly exact: boolean };

export interface DocPage {
  readonly path: string;
  /** the page in whose folder this one goes on */
  readonly continues: string | undefined;
  /** `postgresql`: a server whose DATABASE_URL the page finds in its environment */
  readonly needs: string | undefined;
  readonly blocks: readonly Block[];
}

const FENCE = /^```([^\n]*)\n([\s\S]*?)^```$/gm;
/** Languages of blocks that are shown, not run. A block of a language that is not listed here or below is a mistake. */
const SHOWN = new Set(['text', 'json', 'js', 'ts', 'py', 'html']);
const KNOWN = new Set(['no-run', 'background', 'until', 'fails', 'file', 'output', 'exact']);

/**
 * A page's blocks in order. The vocabulary is small, so that nothing escapes by accident:
 *
 * - `sh`: run, and must succeed. `sh fails="1"`: must end with this code.
 * - `sh background until="text"`: runs on while the page is read, once the text was printed.
 * - `sh no-run="why"`: is not run; without a reason it is a mistake.
 * - any language with `file="name"`: is written into that file first.
 * - `text output`: what the block before prints, line by line; numbers, ids and spaces may differ. `exact`: numbers may not.
 *
 * @throws Error that names page and line of a block that is none of these
 */
export function parsePage(path: string, markdown: string): DocPage {
  const [, front = ''] = /^---\n([\s\S]*?)\n---\n/.exec(markdown) ?? [];
  const field = (name: string): string | undefined => new RegExp(`^${name}: (.+)$`, 'm').exec(front)?.[1];
  const blocks = [...markdown.matchAll(FENCE)].flatMap((match) => {
    const line = markdown.slice(0, match.index).split('\n').length;
    return blockOf(match[1]!.trim(), match[2]!, { path, line });
  });
  return { path, continues: field('continues'), needs: field('needs'), blocks };
}

function blockOf(info: string, code: string, place: { readonly path: string; readonly line: number }): Block[] {
  const wrong = (what: string): never => {
    throw new Error(`${place.path}:${place.line}: ${what}`);
  };
  const [language = ''] = info.split(' ');
  const given = attributesOf(info.slice(language.length));
  const { line } = place;
  for (const name of given.keys()) if (!KNOWN.has(name)) wrong(`a block knows no attribute ${name}`);
  const name = given.get('file');
  if (name !== undefined) return [{ kind: 'file', code, line, name: name || wrong('file needs a name') }];
  if (language === 'sh') return [shellBlock(given, code, line, wrong)];
  if (!SHOWN.has(language)) wrong(`a block is of a language that is not run and not shown: "${language}"`);
  return given.has('output') ? [{ kind: 'output', code, line, exact: given.has('exact') }] : [];
}

function shellBlock(
  given: ReadonlyMap<string, string>,
  code: string,
  line: number,
  wrong: (what: string) => never,
): Block {
  const reason = given.get('no-run');
  if (reason !== undefined) {
    if (reason.length < 10) wrong('no-run needs a reason, as no-run="needs a KMS"');
    return { kind: 'skip', code, line, reason };
  }
  if (given.has('background')) return { kind: 'background', code, line, until: given.get('until') };
  return { kind: 'run', code, line, fails: Number(given.get('fails') ?? 0) };
}

const attributesOf = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name, value]) => [name!, value ?? '']));
