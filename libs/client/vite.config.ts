import { defineConfig } from 'vite';

/** The device library for browsers: one ES module with all it needs. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: '../../dist/browser',
    emptyOutDir: true,
    target: 'es2023',
    lib: { entry: 'src/browser/index.ts', formats: ['es'], fileName: () => 'starling.js' },
    minify: true,
    sourcemap: true,
    // How long plugins took is nothing that the author of a page can change.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});
