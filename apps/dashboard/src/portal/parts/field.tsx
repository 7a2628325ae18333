import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from 'react';

interface Labelled {
  readonly label: string;
  readonly hint?: ReactNode;
  /** a sentence: why this cannot be */
  readonly problem?: string | undefined;
}

interface Ids {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
}

function Field({ label, hint, problem, children }: Labelled & { children: (ids: Ids) => ReactNode }) {
  const id = useId();
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  const problemId = problem === undefined ? undefined : `${id}-problem`;
  const described = [problemId, hintId].filter((part) => part !== undefined).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(described !== '' && { 'aria-describedby': described }),
        ...(problem !== undefined && { 'aria-invalid': true as const }),
      })}
      {problem !== undefined && (
        <p className="field-problem" id={problemId}>
          {problem}
        </p>
      )}
      {hint !== undefined && (
        <p className="field-hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

type InputProps = Labelled & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'className'>;

export function TextField({ label, hint, problem, ...input }: InputProps) {
  return (
    <Field {...{ label, hint, problem }}>
      {(ids) => <input className="input" autoComplete="off" {...input} {...ids} />}
    </Field>
  );
}

type SelectProps = Labelled & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id' | 'className'>;

export function SelectField({ label, hint, problem, children, ...select }: SelectProps) {
  return (
    <Field {...{ label, hint, problem }}>
      {(ids) => (
        <select className="input" {...select} {...ids}>
          {children}
        </select>
      )}
    </Field>
  );
}

interface AreaProps extends Labelled {
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function AreaField({ label, hint, problem, value, onValue }: AreaProps) {
  return (
    <Field {...{ label, hint, problem }}>
      {(ids) => (
        <textarea
          className="input input-area"
          spellCheck={false}
          rows={4}
          value={value}
          onChange={(event) => onValue(event.target.value)}
          {...ids}
        />
      )}
    </Field>
  );
}
