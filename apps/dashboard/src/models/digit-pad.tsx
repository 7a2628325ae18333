import { useEffect, useRef, type PointerEvent } from 'react';

import { useShownTheme } from '../shell/theme-provider.js';
import { drawStrokes } from './digit-image.js';
import type { Point } from './digit-strokes.js';

const SIZE = 280;
const PEN = 26;

interface Props {
  readonly points: readonly Point[];
  readonly change: (points: readonly Point[]) => void;
}

/** Something to draw on; who cannot draw has the samples beside it. */
export function DigitPad({ points, change }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDown = useRef(false);
  const theme = useShownTheme();

  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.clearRect(0, 0, SIZE, SIZE);
    context.strokeStyle = getComputedStyle(canvas.current!).color;
    drawStrokes(context, points, ([x, y]) => [(x / 100) * SIZE, (y / 100) * SIZE], PEN);
  }, [points, theme]);

  const at = (event: PointerEvent<HTMLCanvasElement>): Point => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    return [((event.clientX - left) / width) * 100, ((event.clientY - top) / height) * 100];
  };
  return (
    <canvas
      ref={canvas}
      className="digit-pad"
      width={SIZE}
      height={SIZE}
      role="img"
      aria-label={points.length === 0 ? 'An empty square to draw a digit on' : 'The digit that was drawn or chosen'}
      aria-describedby="pad-help"
      onPointerDown={(event) => {
        isDown.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        change([...points, at(event)]);
      }}
      onPointerMove={(event) => isDown.current && change([...points, at(event)])}
      onPointerUp={() => {
        isDown.current = false;
        change([...points, [NaN, NaN]]);
      }}
    />
  );
}
