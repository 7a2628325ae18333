import { useState } from 'react';

/** Copies a text and says so; where the browser forbids it, the text can still be selected. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [state, setState] = useState<'' | 'Copied' | 'Select and copy it by hand'>('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState('Copied');
    } catch {
      setState('Select and copy it by hand');
    }
  };
  return (
    <span className="copy">
      <button type="button" className="button" onClick={() => void copy()}>
        {label}
      </button>
      <span className="muted" role="status">
        {state}
      </span>
    </span>
  );
}
