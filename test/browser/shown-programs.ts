import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';

import { CLIENT, PYTHON } from '../python/python.js';
import { BUNDLE, serveFiles, TYPES, type Files, type FileServer } from './page-server.js';

export const LANGUAGES = ['Node', 'Browser', 'Python'] as const;
type Language = (typeof LANGUAGES)[number];

/** The program that a page shows for a language; read off the page, since a clipboard is one for all tests. */
export async function programIn(page: Page, language: Language): Promise<string> {
  await page.getByRole('tab', { name: language }).click();
  return page.getByRole('tabpanel').locator('pre').innerText();
}

/** Runs the programs that pages show, as their words say. */
export class ShownPrograms {
  readonly #devices: ChildProcess[] = [];

  private constructor(
    /** within the package, where `#client` means something */
    private readonly folder: string,
    private readonly files: Files,
    private readonly site: FileServer,
  ) {}

  static async open(): Promise<ShownPrograms> {
    const files: Files = new Map();
    const folder = await mkdtemp(new URL('../../portal-', import.meta.url).pathname);
    return new ShownPrograms(folder, files, await serveFiles(files));
  }

  /** of the page that is a device */
  get origin(): string {
    return `http://127.0.0.1:${this.site.port}`;
  }

  async start(page: Page, language: 'Node' | 'Python', name: string = language): Promise<void> {
    const program = await programIn(page, language);
    const directory = join(this.folder, name);
    await mkdir(directory);
    await writeFile(join(directory, 'device.mjs'), program);
    const command = language === 'Node' ? process.execPath : PYTHON;
    const env = { ...process.env, PYTHONPATH: CLIENT, PYTHONDONTWRITEBYTECODE: '1' };
    this.#devices.push(spawn(command, ['device.mjs'], { cwd: directory, env, stdio: 'ignore' }));
  }

  /** A page with the tag that people are told, beside the program and the library. @returns what it prints */
  async openPage(page: Page, browser: Browser): Promise<readonly string[]> {
    const program = await programIn(page, 'Browser');
    const tag = await page.getByRole('tabpanel').locator('code', { hasText: '<script' }).innerText();
    const [, source] = /src="([^"]+)"/.exec(tag)!;
    this.files.set('/', [TYPES.html, `<!doctype html><title>A device</title>${tag}`]);
    this.files.set(`/${source}`, [TYPES.js, program]);
    this.files.set('/starling.js', [TYPES.js, await readFile(BUNDLE, 'utf8')]);
    const printed: string[] = [];
    const device = await (await browser.newContext()).newPage();
    device.on('console', (message) => printed.push(message.text()));
    device.on('pageerror', (error) => printed.push(error.message));
    await device.goto(this.origin);
    return printed;
  }

  async close(): Promise<void> {
    for (const device of this.#devices) device.kill();
    this.site.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
