/** A page: its path in the site, without `.md`, and its Markdown. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Documents that are written elsewhere in the repository: from where, and which page they are. */
export const DOCUMENTS: readonly (readonly [source: string, page: string])[] = [
  ['docs/architecture.md', 'project/architecture'],
  ['docs/glossary.md', 'project/glossary'],
  ['docs/spec.md', 'project/spec'],
  ['docs/data-model.md', 'project/data-model'],
  ['docs/wire.md', 'protocol/wire'],
  ['docs/acs.md', 'protocol/acs'],
  ['docs/robustness.md', 'project/robustness'],
  ['docs/containers.md', 'project/containers'],
  ['docs/operations.md', 'project/operations'],
  ['docs/metrics.md', 'reference/metrics'],
  ['examples/python/README.md', 'project/python'],
  ['SECURITY.md', 'project/security'],
  ['CONTRIBUTING.md', 'project/contributing'],
  ['CHANGELOG.md', 'project/changelog'],
];

/** Where decisions are, one a file. */
export const DECISIONS = { source: 'docs/adr', page: 'project/decisions' } as const;

/** Pictures that pages share with the README: from where, and where they are in the site. */
export const PICTURES = { source: 'docs/images/pages', page: 'images/pages' } as const;

/**
 * Pages that are written from the code, by a file that they are written from. Documents link the file, which is there
 * without a build; on the site that link leads to the page.
 */
const REFERENCES: readonly (readonly [source: string, page: string])[] = [
  ['apps/cli/src/program.ts', 'reference/commands'],
  ['apps/cli/src/commands/demo.ts', 'reference/commands#demo'],
  ['libs/protocol/src/coordinator-messages.ts', 'reference/http-api#post-v1use-cases'],
  ['libs/protocol/src/errors.ts', 'reference/errors'],
  ['libs/client/src/errors.ts', 'reference/errors#on-the-device'],
  ['apps/coordinator/src/config.ts', 'reference/settings'],
  ['libs/client/src/index.ts', 'reference/code/client'],
  ['libs/protocol/src/index.ts', 'reference/code/protocol'],
  ['libs/learning/src/index.ts', 'reference/code/learning'],
];

const PAGE_OF = new Map([...DOCUMENTS, ...REFERENCES]);

/**
 * The page that a file of the repository is, or that is written from it; with its section where it is a part of one.
 *
 * @param file  from the repository's root
 */
export function pageOf(file: string): string | undefined {
  if (file === `${DECISIONS.source}/` || file === `${DECISIONS.source}/README.md`) return `${DECISIONS.page}/index`;
  if (file.startsWith(`${DECISIONS.source}/`)) return file.replace(DECISIONS.source, DECISIONS.page).slice(0, -3);
  if (file.startsWith('docs/site/')) return file.slice('docs/site/'.length, -3);
  return PAGE_OF.get(file);
}
