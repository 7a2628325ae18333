import type { CDPSession, Page } from 'playwright-core';

/** How often functions of a page's own files were called, as its engine counts them: of built pages, which nothing is added to. */
export class CallCounts {
  readonly #sources = new Map<string, string>();

  private constructor(
    private readonly page: Page,
    private readonly session: CDPSession,
  ) {}

  /** Before the page loads its files: what ran before it was counted is not. */
  static async of(page: Page): Promise<CallCounts> {
    const session = await page.context().newCDPSession(page);
    await session.send('Profiler.enable');
    await session.send('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    return new CallCounts(page, session);
  }

  /**
   * Since this was asked last.
   *
   * @param texts  each in one function, which the build cannot rename as it does names
   * @returns calls of the innermost function around each text
   */
  async take(...texts: readonly string[]): Promise<number[]> {
    const { result } = await this.session.send('Profiler.takePreciseCoverage');
    const calls = texts.map(() => 0);
    for (const { url, functions } of result.filter(({ url }) => url.startsWith('http'))) {
      const source = await this.#sourceOf(url);
      const ranges = functions.map(({ ranges }) => ranges[0]!);
      for (const [i, text] of texts.entries()) {
        const at = source.indexOf(text);
        const around = ranges.filter(({ startOffset, endOffset }) => at >= 0 && startOffset <= at && at < endOffset);
        const innermost = around.sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset))[0];
        calls[i]! += innermost?.count ?? 0;
      }
    }
    return calls;
  }

  async #sourceOf(url: string): Promise<string> {
    const known = this.#sources.get(url) ?? (await (await this.page.request.get(url)).text());
    this.#sources.set(url, known);
    return known;
  }
}
