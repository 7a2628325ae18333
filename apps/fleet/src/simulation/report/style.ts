/** Light and dark, from a phone to a wall. The eight colours are told apart by colour-blind readers too. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6470; --line: #d9dee4; --page: #fff; --good: #d8efe2;
  --c0: #0067a5; --c1: #c0510a; --c2: #00795a; --c3: #a33b86; --c4: #8a6d00; --c5: #2a9fd6; --c6: #b3261e; --c7: #555d66; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --soft: #9aa4b0; --line: #343b44; --page: #14171b;
  --good: #17412e; --c0: #5fb4f2; --c1: #f29a5a; --c2: #4fc9a1; --c3: #e08bc6; --c4: #e0c04f; --c5: #9bdcff; --c6: #ff8a80; --c7: #b4bcc6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.2rem 1rem 3rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .4rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
p { margin: .3rem 0; color: var(--soft); max-width: 60rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child, .text { text-align: left; }
.table th:first-child { position: sticky; left: 0; background: var(--page); }
td.best { background: var(--good); } td small { color: var(--soft); }
.plots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
figure { margin: 0; max-width: 40rem; } figcaption { font-size: .9rem; font-weight: 600; }
svg { display: block; width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--soft); }
.grid { stroke: var(--line); stroke-width: 1; } .series { fill: none; stroke-width: 2; stroke-linejoin: round; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: 0; margin: .4rem 0 .8rem; list-style: none; font-size: .9rem; }
.legend i { display: inline-block; width: 1.1rem; height: 3px; margin-right: .4rem; vertical-align: middle; background: var(--c); }
${Array.from({ length: 8 }, (_, i) => `.c${i} { --c: var(--c${i}); stroke: var(--c${i}); }`).join(' ')}
`;
