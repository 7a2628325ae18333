interface Props {
  readonly epsilonByRound: readonly number[];
  readonly budget: number;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [480, 200, 44, 26];

/** What the rounds planned could cost, against the budget. */
export function EpsilonChart({ epsilonByRound, budget }: Props) {
  const last = epsilonByRound.at(-1) ?? 0;
  const top = 1.15 * Math.max(last, Number.isFinite(budget) ? budget : 0, 1e-9);
  const x = (round: number): number => LEFT + ((WIDTH - LEFT - 8) * round) / Math.max(1, epsilonByRound.length);
  const y = (epsilon: number): number => (HEIGHT - BOTTOM) * (1 - epsilon / top);
  const line = epsilonByRound.map((epsilon, i) => `${x(i + 1).toFixed(1)},${y(epsilon).toFixed(1)}`).join(' ');
  const within = epsilonByRound.filter((epsilon) => epsilon <= budget).length;
  const said = `ε after ${epsilonByRound.length} rounds: at most ${last.toPrecision(3)} of a budget of ${budget}. ${within} rounds fit.`;
  return (
    <figure className="epsilon">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
        <line className="epsilon-axis" x1={LEFT} y1={HEIGHT - BOTTOM} x2={WIDTH} y2={HEIGHT - BOTTOM} />
        {Number.isFinite(budget) && (
          <>
            <line className="epsilon-budget" x1={LEFT} y1={y(budget)} x2={WIDTH} y2={y(budget)} />
            <text className="epsilon-text" x={0} y={y(budget) + 4}>
              ε {budget}
            </text>
          </>
        )}
        <polyline className="epsilon-line" points={`${x(0)},${y(0)} ${line}`} />
        <text className="epsilon-text" x={LEFT} y={HEIGHT - 6}>
          0
        </text>
        <text className="epsilon-text" x={WIDTH - 4} y={HEIGHT - 6} textAnchor="end">
          round {epsilonByRound.length}
        </text>
      </svg>
      <figcaption>{said}</figcaption>
    </figure>
  );
}
