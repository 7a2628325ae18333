import { Figure } from '../controls/figure.js';
import type { PastRound } from '../curves/past-rounds.js';
import { count, plural } from '../figures.js';
import type { UseCase } from '../rounds/rounds-state.js';

interface Props {
  readonly useCase: UseCase;
  readonly past: readonly PastRound[];
}

/** What protects devices here: the crowd, the clip, the noise and what is left of its budget. */
export function PrivacyCard({ useCase, past }: Props) {
  return (
    <section className="card privacy" aria-labelledby="privacy">
      <header className="card-header">
        <h2 id="privacy">Privacy</h2>
        <p className="muted">{useCase.strategy}</p>
      </header>
      <dl className="figures figures-pairs">
        <Crowd useCase={useCase} past={past} />
        <Budget useCase={useCase} past={past} />
        <Clip useCase={useCase} past={past} />
        <Lanes useCase={useCase} />
      </dl>
    </section>
  );
}

function Crowd({ useCase: { kMin }, past }: Props) {
  const issued = past.findLast((round) => round.issued !== null)?.issued ?? null;
  return (
    <Figure
      name="Anonymity set"
      value={issued === null ? '–' : count(issued)}
      bar={{
        share: issued === null ? 0 : issued / Math.max(issued, 2 * kMin),
        mark: kMin / Math.max(issued ?? 0, 2 * kMin),
      }}
      note={
        issued === null
          ? `no round opens below ${count(kMin)}`
          : `an update hides among ${plural(issued, 'device')}; no round opens below ${count(kMin)}`
      }
      meaning="How many devices got a token for the round’s slot. Any of them may have sent an update: nobody can tell which, the server included."
    />
  );
}

function Budget({ useCase: { privacy }, past }: Props) {
  const meaning =
    'ε bounds what all that was published can say about one device: the smaller, the less. It only grows; no round starts that could pass the budget.';
  if (privacy === null) {
    return (
      <Figure
        name="ε spent"
        value="–"
        note="no noise on what is published: the crowd is all that hides an update"
        meaning={meaning}
      />
    );
  }
  const spent = past.findLast(({ epsilon }) => epsilon !== null)?.epsilon ?? 0;
  const share = spent / privacy.epsilonMax;
  return (
    <Figure
      name="ε spent"
      value={spent.toFixed(2)}
      bar={{ share, tone: share > 0.9 ? 'bad' : share > 0.7 ? 'warn' : 'good' }}
      note={`of ${privacy.epsilonMax}, at δ ${privacy.delta}; ${(Math.max(0, 1 - share) * 100).toFixed(0)}% left`}
      meaning={meaning}
    />
  );
}

function Clip({ useCase: { clip: first, privacy }, past }: Props) {
  const isAdaptive = privacy?.clipping === 'adaptive';
  const clip = past.findLast((round) => round.clip !== null)?.clip ?? first;
  return (
    <Figure
      name="Clip"
      value={`${+clip.toPrecision(4)}`}
      note={isAdaptive ? `it follows what updates need, and began at ${first}` : 'the same in every round'}
      meaning="The most that one device may move the model, as an L2 norm. A longer update is shortened by the device, and refused by the server."
    />
  );
}

const NOISE = { independent: 'Each round', tree: 'Tree', banded: 'Banded' } as const;

function Lanes({ useCase: { privacy } }: Pick<Props, 'useCase'>) {
  if (privacy === null) return null;
  const { mechanism, separation, noiseMultiplier } = privacy;
  const lanes = separation ?? 1;
  return (
    <Figure
      name="Noise"
      value={NOISE[mechanism]}
      note={
        mechanism !== 'independent'
          ? `multiplier ${noiseMultiplier}; ${lanes === 1 ? 'one lane' : `${count(lanes)} lanes: a device takes part in every ${count(lanes)}th slot at most`}`
          : `multiplier ${noiseMultiplier}, drawn anew for each sum`
      }
      meaning="Random numbers added to each sum before anybody sees it. That of a tree or of bands partly cancels from round to round, for which a device’s rounds must lie apart."
    />
  );
}
