// Before the first paint, so that nobody is flashed: the remembered theme, else the system's. See src/use-theme.ts.
(function () {
  var stored = null;
  try {
    stored = localStorage.getItem('starling-theme');
  } catch {
    // storage may be forbidden
  }
  var dark = stored ? stored === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
