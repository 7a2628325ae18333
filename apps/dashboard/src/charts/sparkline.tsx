interface Props {
  /** oldest first */
  readonly values: readonly number[];
  readonly label: string;
  readonly colour?: 'accent' | 'bad';
}

const WIDTH = 120;
const HEIGHT = 28;

/** What a figure was before; from zero, so that a wobble is not drawn as a cliff. */
export function Sparkline({ values, label, colour = 'accent' }: Props) {
  const most = Math.max(...values, 0) || 1;
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map(
    (value, i) => `${(i * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`,
  );
  return (
    <svg
      className="sparkline"
      data-colour={colour}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polyline points={points.join(' ')} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
