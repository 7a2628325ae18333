import type { ReactNode } from 'react';

import { Explain } from './explain.js';

interface Props {
  readonly name: string;
  readonly value: ReactNode;
  /** what it says about this one, in a few words */
  readonly note?: ReactNode;
  /** what such a figure is */
  readonly meaning?: ReactNode;
  /** a bar below: its share, and whether that is good news */
  readonly bar?: { readonly share: number; readonly tone?: 'good' | 'bad' | 'warn'; readonly mark?: number };
  readonly children?: ReactNode;
}

/** A number that explains itself. Belongs into a `<dl className="figures">`. */
export function Figure({ name, value, note, meaning, bar, children }: Props) {
  return (
    <div className="figure">
      <dt>
        {name}
        {meaning !== undefined && <Explain of={name}>{meaning}</Explain>}
      </dt>
      <dd>
        <span className="figure-value">{value}</span>
        {bar && (
          <span className="figure-track" aria-hidden="true">
            <span className="figure-bar" data-tone={bar.tone} style={{ inlineSize: `${clamp(bar.share) * 100}%` }} />
            {bar.mark !== undefined && (
              <span className="figure-mark" style={{ insetInlineStart: `${clamp(bar.mark) * 100}%` }} />
            )}
          </span>
        )}
        {note !== undefined && <span className="figure-note">{note}</span>}
        {children}
      </dd>
    </div>
  );
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));
