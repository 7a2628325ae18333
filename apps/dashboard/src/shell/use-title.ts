import { useEffect } from 'react';

/** The browser tab's; without one the name alone. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Starling`;
    return () => void (document.title = 'Starling');
  }, [title]);
}
