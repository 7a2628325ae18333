import type { ReactNode } from 'react';

import { TextField } from '../parts/field.js';
import type { Draft, TextField as Name } from './draft.js';
import type { SetDraft } from './use-draft.js';
import type { Preview } from './use-preview.js';

/** What each step is given. */
export interface StepProps {
  readonly draft: Draft;
  readonly set: SetDraft;
  readonly preview: Preview;
}

interface Props extends StepProps {
  readonly name: Name;
  readonly label: string;
  readonly hint?: ReactNode;
  /** what the coordinator calls it, where that is another name */
  readonly field?: string;
  readonly isText?: boolean;
}

/** A text or a number of the draft, and what the coordinator has against it. */
export function DraftField({ draft, set, preview, name, label, hint, field = name, isText = false }: Props) {
  return (
    <TextField
      label={label}
      hint={hint}
      problem={preview.problemOf(field)}
      inputMode={isText ? 'text' : 'decimal'}
      value={draft[name]}
      onChange={(event) => set({ [name]: event.target.value })}
    />
  );
}
