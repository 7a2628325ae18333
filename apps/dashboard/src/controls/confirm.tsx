import { useState, type ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from 'react-aria-components';

interface Props {
  /** of the button that asks */
  readonly label: string;
  readonly title: string;
  /** what will happen, and what will not */
  readonly children: ReactNode;
  /** of the button that does it */
  readonly verb: string;
  readonly isDanger?: boolean;
  /** rejects with a sentence for people */
  readonly act: () => Promise<unknown>;
}

/** A button that asks before it acts, and says why it could not. */
export function Confirm({ label, title, children, verb, isDanger = false, act }: Props) {
  return (
    <DialogTrigger>
      <Button className="button" data-danger={isDanger || undefined}>
        {label}
      </Button>
      <ModalOverlay className="modal-overlay" isDismissable>
        <Modal className="modal">
          <Dialog className="dialog" role="alertdialog">
            {({ close }) => (
              <>
                <Heading slot="title" className="dialog-title">
                  {title}
                </Heading>
                {children}
                <Answer verb={verb} isDanger={isDanger} act={act} close={close} />
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}

function Answer({ verb, isDanger, act, close }: Pick<Props, 'verb' | 'isDanger' | 'act'> & { close: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const go = () => {
    setBusy(true);
    act().then(close, (error: Error) => (setProblem(error.message), setBusy(false)));
  };
  return (
    <>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="dialog-buttons">
        <Button className="button" onPress={close} autoFocus>
          Leave it
        </Button>
        <Button className="button button-main" data-danger={isDanger || undefined} isDisabled={isBusy} onPress={go}>
          {verb}
        </Button>
      </div>
    </>
  );
}
