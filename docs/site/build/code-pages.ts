import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Application, type TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';

import type { Page } from './pages.js';

/** Front doors that people outside of this repository write code against. */
const DOORS = [
  {
    lib: 'client',
    title: 'Device library',
    intro: 'What an app on a device imports, as `#client` or as the bundle for browsers.',
  },
  {
    lib: 'protocol',
    title: 'Messages and manifests',
    intro: 'What goes over the wire, and the bytes that are signed or under a MAC.',
  },
  {
    lib: 'learning',
    title: 'Strategies and grid',
    intro: 'Whole-number updates, strategies, encodings, noise and its accountant.',
  },
] as const;

/** References from the comments in the code, by typedoc. */
export async function codePages(root: string): Promise<Page[]> {
  const out = await mkdtemp(join(tmpdir(), 'starling-typedoc-'));
  try {
    const options: TypeDocOptions & Partial<PluginOptions> = {
      entryPoints: DOORS.map(({ lib }) => join(root, `libs/${lib}/src/index.ts`)),
      tsconfig: join(root, 'tsconfig.json'),
      plugin: ['typedoc-plugin-markdown'],
      outputs: [{ name: 'markdown', path: out }],
      readme: 'none',
      disableSources: true,
      excludePrivate: true,
      excludeInternal: true,
      skipErrorChecking: true,
      outputFileStrategy: 'modules',
      hidePageHeader: true,
      hideBreadcrumbs: true,
      useCodeBlocks: true,
      logLevel: 'Error',
      validation: false,
    };
    const app = await Application.bootstrapWithPlugins(options as TypeDocOptions);
    const project = await app.convert();
    if (project === undefined) throw new Error('typedoc could not read the front doors of the libraries');
    await app.generateOutputs(project);
    return await Promise.all(
      DOORS.map(async (door) => codePage(door, await readFile(join(out, door.lib, 'src.md'), 'utf8'))),
    );
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

function codePage({ lib, title, intro }: (typeof DOORS)[number], markdown: string): Page {
  const body = markdown
    .replace(/^# .*\n/, '')
    .replaceAll(/\]\(\.\.\/(\w+)\/src\.md/g, '](./$1.md')
    .replaceAll(/\]\(src\.md/g, `](./${lib}.md`)
    .replaceAll(/^\*\*\*$/gm, '')
    .replaceAll(/#([\w-]+)-(\d+)\)/g, (whole, name: string, n: string) =>
      headingsOf(markdown, name) > Number(n) ? whole : `#${name})`,
    );
  return {
    path: `reference/code/${lib}`,
    text: `---\noutline: 2\n---\n\n# ${title}\n\n${intro} This page is written from the code's comments.\n${body}`,
  };
}

/** typedoc counts headings that it leaves out later. */
const headingsOf = (markdown: string, slug: string): number =>
  [...markdown.matchAll(/^#{1,6} (.+)$/gm)].filter(
    ([, title]) => title!.toLowerCase().replaceAll(/[^\w]/g, '') === slug.replaceAll('-', ''),
  ).length;
