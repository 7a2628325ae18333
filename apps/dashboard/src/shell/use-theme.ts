import { useEffect, useLayoutEffect, useState } from 'react';

export type Theme = 'light' | 'dark';

/** The key public/theme.js reads before the first paint. */
const KEY = 'starling-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** Light or dark: the system's wish until the button is pressed, the button's from then on. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(() =>
    document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light',
  );

  // Before the effects of the chart, which reads its colours from the style sheet.
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);

  useEffect(() => {
    const follow = () => remembered() || setTheme(system.matches ? 'dark' : 'light');
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, []);

  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark';
    remember(next);
    setTheme(next);
  };
  return [theme, toggle];
}

/** Storage may be forbidden; the button then works until the page is left. */
function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // as above
  }
}
