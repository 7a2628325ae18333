import type { ReactNode } from 'react';

import { CopyButton } from './copy-button.js';

/** Something that is shown this once. */
export function Secret({ title, value, children }: { title: string; value: string; children?: ReactNode }) {
  return (
    <section className="secret" aria-label={title}>
      <h3>{title}</h3>
      <p className="secret-value">
        <code>{value}</code>
      </p>
      <CopyButton text={value} />
      {children}
    </section>
  );
}
