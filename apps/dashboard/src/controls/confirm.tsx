import { useId, useRef, useState, type MouseEvent, type ReactNode } from 'react';

interface Props {
  /** of the button that asks */
  readonly label: string;
  readonly title: string;
  /** what will happen, and what will not */
  readonly children: ReactNode;
  /** of the button that does it */
  readonly verb: string;
  /** it cannot be taken back: the button that does it is red; where it is loud, the one that asks too */
  readonly danger?: 'quiet' | 'loud';
  /** may reject with a sentence for people */
  readonly act: () => unknown;
}

/**
 * A button that asks before it acts, and says why it could not. The dialog is the browser's own: nothing behind it can
 * be reached, Escape closes it, and the focus goes to its first button and comes back.
 */
export function Confirm({ label, title, children, danger, ...doing }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Whoever asks again is not told what went wrong before.
  const [answered, setAnswered] = useState(0);
  const close = () => dialog.current?.close();
  return (
    <>
      <button
        type="button"
        className="button"
        data-danger={danger === 'loud' || undefined}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog
        ref={dialog}
        className="dialog"
        role="alertdialog"
        aria-labelledby={`${id}title`}
        aria-describedby={`${id}text`}
        onClick={(event) => isBeside(event) && close()}
        onClose={() => setAnswered(answered + 1)}
      >
        <h2 id={`${id}title`} className="dialog-title">
          {title}
        </h2>
        <div id={`${id}text`}>{children}</div>
        <Answer key={answered} isDanger={danger !== undefined} close={close} {...doing} />
      </dialog>
    </>
  );
}

interface AnswerProps extends Pick<Props, 'verb' | 'act'> {
  readonly isDanger: boolean;
  readonly close: () => void;
}

function Answer({ verb, act, isDanger, close }: AnswerProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      await act();
      close();
    } catch (error) {
      setProblem((error as Error).message);
    }
    setBusy(false);
  };
  return (
    <>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={close}>
          Leave it
        </button>
        <button
          type="button"
          className="button button-main"
          data-danger={isDanger || undefined}
          disabled={isBusy}
          onClick={() => void go()}
        >
          {verb}
        </button>
      </div>
    </>
  );
}

/** What is pressed on the backdrop is pressed on the dialog, outside of its box. */
function isBeside({ target, currentTarget, clientX: x, clientY: y }: MouseEvent<HTMLDialogElement>): boolean {
  const { left, right, top, bottom } = currentTarget.getBoundingClientRect();
  return target === currentTarget && (x < left || x > right || y < top || y > bottom);
}
