import { createContext, useContext, type ReactNode } from 'react';

import { useTheme, type Theme } from './use-theme.js';

const ThemeContext = createContext<{ readonly theme: Theme; readonly toggle: () => void } | null>(null);

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, toggle] = useTheme();
  return <ThemeContext value={{ theme, toggle }}>{children}</ThemeContext>;
}

export function useThemeSwitch(): { readonly theme: Theme; readonly toggle: () => void } {
  const theme = useContext(ThemeContext);
  if (theme === null) throw new Error('this page is not within a ThemeProvider');
  return theme;
}

/** What charts draw in. */
export const useShownTheme = (): Theme => useThemeSwitch().theme;
