import { defineConfig, type Plugin } from 'vite';

/** The page is in English: what React Aria has to say in 33 other languages is left out. */
const inEnglish: Plugin = {
  name: 'in-english',
  load: (id) =>
    /react-(aria|stately).*\/intl\/(?!.*en-US)[\w/-]+[.]mjs$/.test(id) ? 'export default undefined;' : null,
};

/** Served by the coordinator under /ui/; `./` lets any other prefix work as well. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: {
    // Not by the condition `source` of our package.json: packages have conditions of that name too, for files they do not ship.
    alias: [{ find: /^#([a-z-]+)$/, replacement: `${import.meta.dirname}/../../libs/$1/src/index.ts` }],
  },
  oxc: { jsx: { runtime: 'automatic' } },
  plugins: [inEnglish],
  worker: { format: 'es' },
  // No data: URLs for assets and no inlined scripts: the page runs under `default-src 'self'`.
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // TensorFlow.js is larger, and is loaded where somebody tries a model.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      // How long plugins took is nothing that the author of a page can change.
      checks: { bundlerTimings: false },
      onLog(level, log, handle) {
        // "use client" is for frameworks that render on servers; here everything is the client's.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  server: {
    proxy: {
      '/v1': 'http://localhost:8080',
      '/socket.io': { target: 'http://localhost:8080', ws: true },
    },
  },
});
