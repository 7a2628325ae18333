import { Link } from 'react-router';

import type { RoundView } from '#protocol';

import { filled } from '../controls/filled.js';
import { Funnel } from './funnel.js';
import { count, plural } from '../figures.js';
import { announcement, countdown, endedBefore, footnote, headline, liveRound } from '../rounds/round-story.js';
import { usePage, useRoundOfPage } from '../rounds/rounds-provider.js';
import { useTitle } from '../shell/use-title.js';
import { useNow } from '../use-now.js';
import { Throughput } from './throughput.js';

/** What is happening now, in a sentence, a bar and four numbers. */
export function LiveRound() {
  const newestFirst = usePage((page) => page.newestFirst);
  const outline = liveRound(newestFirst)!;
  const round = useRoundOfPage(outline.id)!;
  const before = useRoundOfPage(endedBefore(newestFirst, outline)?.id);
  useTitle(headline(round));
  return (
    <section className="card live-round" aria-labelledby="live-round">
      <Headline round={round} />
      {round.state === 'scheduled' && before?.state === 'abandoned' && (
        <p className="live-round-note">
          Before it, round {count(before.sequence)} was abandoned: {before.detail ?? 'no reason was given.'}
        </p>
      )}
      <Progress round={round} />
      <Throughput round={round} />
      <Funnel round={round} />
      <p className="live-round-nobody">
        <strong>No device names here:</strong> Starling never learns who sent an update.{' '}
        <Link to={`/rounds/${round.id}`}>All about this round</Link>
      </p>
    </section>
  );
}

function Headline({ round }: { round: RoundView }) {
  const skewMs = usePage((page) => page.skewMs);
  const now = useNow(round.state === 'open') + skewMs;
  const left = countdown(round, now);
  return (
    <>
      <h2 id="live-round" className="headline" data-state={round.state}>
        {headline(round)}
        {left !== null && (
          <>
            , <span className="headline-countdown">{left}</span>
          </>
        )}
      </h2>
      <p className="visually-hidden" aria-live="polite">
        {announcement(round)}
      </p>
      <p className="live-round-note">{footnote(round)}</p>
    </>
  );
}

export function Progress({ round: { state, accepted, min, target } }: { round: RoundView }) {
  const share = accepted / target;
  const atLeast = (min / target) * 100;
  return (
    <div className="progress" data-state={state}>
      <div
        className="progress-track"
        role="progressbar"
        aria-label="Accepted updates"
        aria-valuemin={0}
        aria-valuemax={target}
        aria-valuenow={Math.min(accepted, target)}
        aria-valuetext={`${count(accepted)} of ${plural(target, 'update')}, at least ${count(min)} needed`}
      >
        <div className="progress-bar" style={filled(share)} />
        {min < target && <div className="progress-min" style={{ insetInlineStart: `${atLeast}%` }} />}
      </div>
      <p
        className="progress-legend"
        style={{ gridTemplateColumns: `minmax(max-content, ${atLeast}%) minmax(max-content, 1fr)` }}
      >
        <span>
          {min < target && (
            <>
              at least <b>{count(min)}</b>
            </>
          )}
        </span>
        <span>
          target <b>{count(target)}</b>
        </span>
      </p>
    </div>
  );
}
