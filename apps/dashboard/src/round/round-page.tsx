import { Link, useParams } from 'react-router';

import type { RoundView } from '#protocol';

import { StatePill } from '../controls/state-pill.js';
import { AnswerError } from '../coordinator.js';
import { count } from '../figures.js';
import { Loading, Notice, Trouble } from '../notices.js';
import { Progress } from '../overview/live-round.js';
import { RefusalList, totals } from '../overview/refusals.js';
import { footnote, headline, isNeeded } from '../rounds/round-story.js';
import { useUseCase } from '../rounds/rounds-provider.js';
import { useTitle } from '../shell/use-title.js';
import { Norms } from './norms.js';
import { RoundActions } from './round-actions.js';
import { RoundFacts } from './round-facts.js';
import { RoundFunnel } from './round-funnel.js';
import { Timeline } from './timeline.js';
import { useRound, useRoundMetrics } from './use-round.js';
import { whatNext } from './what-next.js';
import '../styles/overview.css';
import '../styles/round.css';

/** All about one round. */
export function RoundPage() {
  const { id = '' } = useParams();
  const { round, error, refetch } = useRound(id);
  const metrics = useRoundMetrics(round);
  useTitle(round ? `Round ${count(round.sequence)}` : 'A round');
  if (round === undefined && error instanceof AnswerError && (error.status === 404 || error.status === 400))
    return (
      <Notice title="No round has this address">
        <p>
          It may be of another deployment. <Link to="/">The overview</Link> lists the rounds of this one.
        </p>
      </Notice>
    );
  if (round === undefined)
    return error === null ? (
      <Loading what="Asking for this round…" />
    ) : (
      <Trouble title="This round cannot be shown" problem={error.message} retry={() => void refetch()} />
    );
  const byCode = totals([round]);
  return (
    <>
      <Head round={round} refetch={() => void refetch()} />
      <div className="pair">
        <RoundFunnel round={round} />
        <Timeline round={round} metrics={metrics} />
        <Norms metrics={metrics} round={round} />
        <section className="card" aria-labelledby="refusals">
          <header className="card-header">
            <h2 id="refusals">Refusals</h2>
          </header>
          {byCode.length === 0 ? <p className="muted">Nothing was refused.</p> : <RefusalList byCode={byCode} />}
        </section>
      </div>
      <RoundFacts round={round} />
    </>
  );
}

function Head({ round, refetch }: { round: RoundView; refetch: () => void }) {
  const useCase = useUseCase(round.useCase);
  return (
    <section className="card live-round" aria-labelledby="round">
      <p className="round-head">
        <Link to="/">Rounds</Link>
        <span className="muted">{useCase?.title ?? round.useCase}</span>
        <StatePill state={round.state} isNeeded={isNeeded(round)} />
      </p>
      <h2 id="round" className="headline" data-state={round.state}>
        {headline(round)}
      </h2>
      {round.state === 'abandoned' ? <Failure round={round} /> : <p className="live-round-note">{storyOf(round)}</p>}
      <Progress round={round} />
      <RoundActions round={round} refetch={refetch} />
    </section>
  );
}

/** The overview's sentence says what comes next; here that would be about other rounds. */
const storyOf = (round: RoundView): string =>
  round.state === 'published'
    ? (round.waitsFor ?? (round.evaluates === null ? 'It made a model.' : 'It measured a model, and made none.'))
    : footnote(round);

function Failure({ round }: { round: RoundView }) {
  const { why, next } = whatNext(round);
  return (
    <div className="failure">
      <p>{why}</p>
      <h3>What to do next</h3>
      <ul>
        {next.map((advice) => (
          <li key={advice}>{advice}</li>
        ))}
      </ul>
    </div>
  );
}
