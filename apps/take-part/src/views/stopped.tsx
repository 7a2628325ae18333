import type { PageState } from '../device/page-state.js';
import type { Problem } from '../device/problems.js';
import type { TakePart } from '../device/take-part.js';
import { Leave } from './leave.js';

interface StoppedProps {
  readonly takePart: TakePart;
  readonly state: PageState;
  readonly problem: Problem;
}

/** Why it does not go on, what to do about it, and the way out for who has joined before. */
export function Stopped({ takePart, state: { isTrying, task }, problem: { title, text, passes } }: StoppedProps) {
  return (
    <>
      <section className="card notice">
        <div role="alert">
          <h1>{title}</h1>
          <p className="muted">{text}</p>
        </div>
        {passes !== undefined && (
          <button className="button" type="button" aria-busy={isTrying} onClick={() => void takePart.again()}>
            {isTrying ? 'Trying …' : 'Try again'}
          </button>
        )}
      </section>
      {/* What another tab uses cannot be deleted here. */}
      {task !== undefined && passes !== 'elsewhere' && <Leave onLeave={takePart.leave} />}
    </>
  );
}
