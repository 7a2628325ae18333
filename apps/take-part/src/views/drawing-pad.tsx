import { useRef, useState, type PointerEvent, type RefObject } from 'react';

import { SIDE, toImage } from '../examples/drawing.js';
import type { Examples } from '../examples/examples.js';

const WIDTH = 280;
const PEN = 20;

interface DrawingPadProps {
  readonly classes: number;
  readonly onExample: (example: Examples) => void;
}

/** Draw, say what it is, keep it. White on black, as such models know it. */
export function DrawingPad({ classes, onExample }: DrawingPadProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [label, setLabel] = useState(0);
  const [hasInk, setInk] = useState(false);
  const clear = (): void => {
    canvas.current?.getContext('2d')?.clearRect(0, 0, WIDTH, WIDTH);
    setInk(false);
  };
  const keep = (): void => {
    const image = toImage(inkOf(canvas.current!), WIDTH);
    if (image === undefined) return;
    onExample({ inputLength: SIDE * SIDE, inputs: image, labels: Uint32Array.of(label) });
    clear();
  };
  return (
    <div className="drawing">
      <Pad canvas={canvas} onInk={() => setInk(true)} />
      <div className="drawing-side">
        <LabelChoice classes={classes} label={label} onLabel={setLabel} />
        <div className="buttons">
          <button className="button" type="button" disabled={!hasInk} onClick={clear}>
            Clear
          </button>
          <button className="button button-main" type="button" disabled={!hasInk} onClick={keep}>
            Keep as {label}
          </button>
        </div>
      </div>
    </div>
  );
}

function Pad({ canvas, onInk }: { readonly canvas: RefObject<HTMLCanvasElement | null>; readonly onInk: () => void }) {
  return (
    <canvas
      ref={canvas}
      width={WIDTH}
      height={WIDTH}
      role="img"
      aria-label="Drawing area, for a pointer. With a keyboard, open a file of examples instead."
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        stroke(event, true);
        onInk();
      }}
      onPointerMove={(event) => event.buttons > 0 && stroke(event, false)}
    />
  );
}

interface LabelChoiceProps {
  readonly classes: number;
  readonly label: number;
  readonly onLabel: (label: number) => void;
}

function LabelChoice({ classes, label, onLabel }: LabelChoiceProps) {
  return (
    <fieldset className="label-choice">
      <legend>What is it?</legend>
      {Array.from({ length: classes }, (_, value) => (
        <label key={value}>
          <input type="radio" name="label" checked={label === value} onChange={() => onLabel(value)} />
          <span>{value}</span>
        </label>
      ))}
    </fieldset>
  );
}

function stroke(event: PointerEvent<HTMLCanvasElement>, isFirst: boolean): void {
  const context = event.currentTarget.getContext('2d');
  if (context === null) return;
  const { left, top, width } = event.currentTarget.getBoundingClientRect();
  const [x, y] = [((event.clientX - left) * WIDTH) / width, ((event.clientY - top) * WIDTH) / width];
  if (isFirst) {
    context.beginPath();
    context.moveTo(x, y);
  }
  Object.assign(context, { lineWidth: PEN, lineCap: 'round', lineJoin: 'round', strokeStyle: '#fff' });
  context.lineTo(x, y);
  context.stroke();
}

/** 0 to 1 a pixel: how much of it was drawn over. */
function inkOf(canvas: HTMLCanvasElement): Float32Array {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, WIDTH, WIDTH);
  return Float32Array.from({ length: WIDTH * WIDTH }, (_, i) => data[4 * i + 3]! / 255);
}
