import type { RoundView } from '#protocol';

import { Figure } from '../controls/figure.js';
import { count, percent } from '../figures.js';
import { refused } from '../rounds/rounds-state.js';

/** Issued → submitted → accepted → in the model. */
export function RoundFunnel({ round }: { round: RoundView }) {
  const { issued, submitted, accepted } = round;
  const widest = Math.max(issued ?? 0, submitted, accepted, 1);
  const of = (part: number, whole: number | null, words: string) =>
    whole ? `${percent(part / whole)} ${words}` : words;
  return (
    <section className="card" aria-labelledby="funnel">
      <header className="card-header">
        <h2 id="funnel">From token to model</h2>
      </header>
      <dl className="figures figures-pairs">
        <Figure
          name="Issued"
          value={issued === null ? '–' : count(issued)}
          bar={{ share: (issued ?? 0) / widest }}
          note="devices with a token for its slot"
          meaning="Each device got at most one. They are the crowd that an update hides among."
        />
        <Figure
          name="Submitted"
          value={count(submitted)}
          bar={{ share: submitted / widest }}
          note={of(submitted, issued, 'of tokens came back')}
          meaning="Updates that came with a genuine, unspent token. Not every device is awake or connected."
        />
        <Figure
          name="Accepted"
          value={count(accepted)}
          bar={{ share: accepted / widest }}
          note={of(accepted, submitted, 'of submitted')}
          meaning="Updates that kept every bound and were stored, each once. Their devices have a receipt."
        />
        <Counted round={round} widest={widest} />
      </dl>
    </section>
  );
}

function Counted({ round, widest }: { round: RoundView; widest: number }) {
  const { accepted, state, evaluates } = round;
  const counted = state === 'published' ? accepted : null;
  return (
    <Figure
      name={evaluates === null ? 'In the model' : 'In the figures'}
      value={counted === null ? '–' : count(counted)}
      bar={{ share: (counted ?? 0) / widest, tone: 'good' }}
      note={counted === null ? whyNone(round) : `each of them; ${count(refused(round))} refused`}
      meaning="The public log names each update that counts, by a digest that only its device recognises."
    />
  );
}

const whyNone = ({ state }: RoundView): string =>
  state === 'abandoned' ? 'none: the round was abandoned' : 'once it is published';
