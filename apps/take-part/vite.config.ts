import { defineConfig } from 'vite';

/** Served by the coordinator under /take-part/. TensorFlow.js is in the worker's files, which nothing loads before training. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  oxc: { jsx: { runtime: 'automatic' } },
  // Where npm could install it, it is there to be found; a browser cannot run it.
  worker: { format: 'es', rolldownOptions: { external: ['@tensorflow/tfjs-node'] } },
  // No data: URLs for assets and no inlined scripts: the page runs under `default-src 'self'`.
  build: {
    outDir: '../../dist/take-part',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    // How long plugins took is nothing that the author of a page can change.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});
