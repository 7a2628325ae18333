import { figure } from './numbers.js';

const [WIDTH, HEIGHT, PAD] = [320, 96, 6];

/** Mean loss of each pass. */
export function LossCurve({ losses, passes }: { readonly losses: readonly number[]; readonly passes: number }) {
  const most = Math.max(...losses, 1e-9);
  const at = (loss: number, i: number): string => {
    const x = PAD + (passes <= 1 ? 0 : (i / (passes - 1)) * (WIDTH - 2 * PAD));
    return `${x},${HEIGHT - PAD - (loss / most) * (HEIGHT - 2 * PAD)}`;
  };
  const last = losses.at(-1) ?? 0;
  return (
    <svg
      className="figure"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`Loss after each pass, now ${figure(last)}`}
    >
      <line className="axis" x1={PAD} x2={WIDTH - PAD} y1={HEIGHT - PAD} y2={HEIGHT - PAD} />
      <polyline points={losses.map(at).join(' ')} />
      {losses.map((loss, i) => {
        const [x, y] = at(loss, i).split(',');
        return <circle key={x} cx={x} cy={y} r="3" />;
      })}
    </svg>
  );
}
