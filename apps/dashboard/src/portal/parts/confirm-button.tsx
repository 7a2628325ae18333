import { useRef, type ReactNode } from 'react';

interface Props {
  readonly label: string;
  /** what is asked before it happens */
  readonly question: string;
  readonly act: () => void;
  readonly disabled?: boolean;
  readonly children?: ReactNode;
}

/** A button for what cannot be taken back: it asks first. */
export function ConfirmButton({ label, question, act, disabled = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = (): void => dialog.current?.close();
  return (
    <>
      <button type="button" className="button" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        {label}
      </button>
      <dialog ref={dialog} className="question" aria-label={label}>
        <h3>{question}</h3>
        {children}
        <div className="buttons">
          <button
            type="button"
            className="button button-bad"
            onClick={() => {
              close();
              act();
            }}
          >
            {label}
          </button>
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
        </div>
      </dialog>
    </>
  );
}
