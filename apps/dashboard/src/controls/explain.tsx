import type { ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';

interface Props {
  /** the figure's name */
  readonly of: string;
  readonly children: ReactNode;
}

/** What a figure means, a press away: a tooltip would not open on a phone. */
export function Explain({ of, children }: Props) {
  return (
    <DialogTrigger>
      <Button className="explain" aria-label={`What is this: ${of}`}>
        ?
      </Button>
      <Popover className="explain-popover" placement="top">
        <Dialog className="explain-text" aria-label={of}>
          {children}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
