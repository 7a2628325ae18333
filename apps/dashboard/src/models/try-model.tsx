import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';

import { percent } from '../figures.js';
import { imageOf } from './digit-image.js';
import { loadDigitModel, type DigitModel } from './digit-model.js';
import { DigitPad } from './digit-pad.js';
import { SAMPLES, type Point } from './digit-strokes.js';

type Loaded = DigitModel | 'loading' | 'other' | { readonly problem: string };

/** Draw a digit, or choose one, and see what the model makes of it. Nothing leaves the browser. */
export function TryModel({ digest }: { digest: string }) {
  const model = useDigitModel(digest);
  const [points, setPoints] = useState<readonly Point[]>([]);
  if (model === 'loading') return <p role="status">Loading the model…</p>;
  if (model === 'other')
    return <p className="muted">It takes something else than a picture of 28 × 28: there is nothing to draw.</p>;
  if ('problem' in model)
    return (
      <p className="problem" role="alert">
        {model.problem}
      </p>
    );
  const image = imageOf(points);
  return (
    <div className="try">
      <div>
        <p className="muted" id="pad-help">
          Draw a digit with a mouse, a finger or a pen, or choose one below. It stays in this browser.
        </p>
        <DigitPad points={points} change={setPoints} />
        <div className="samples" role="group" aria-label="Digits to choose">
          {SAMPLES.map((sample, digit) => (
            <Button
              key={digit}
              className="sample"
              aria-label={`A sample of ${digit}`}
              onPress={() => setPoints(sample)}
            >
              {digit}
            </Button>
          ))}
          <Button className="sample sample-clear" onPress={() => setPoints([])} isDisabled={points.length === 0}>
            Clear
          </Button>
        </div>
      </div>
      <Verdict probabilities={image === null ? null : model.judge(image)} />
    </div>
  );
}

function useDigitModel(digest: string): Loaded {
  const [model, setModel] = useState<Loaded>('loading');
  useEffect(() => {
    let isGone = false;
    const loading = loadDigitModel(digest);
    loading.then(
      (loaded) => isGone || setModel(loaded ?? 'other'),
      (error: Error) => isGone || setModel({ problem: `The model could not be loaded: ${error.message}` }),
    );
    return () => {
      isGone = true;
      void loading.then(
        (loaded) => loaded?.dispose(),
        () => {},
      );
    };
  }, [digest]);
  return model;
}

function Verdict({ probabilities }: { probabilities: readonly number[] | null }) {
  if (probabilities === null) return <p className="muted verdict-none">What the model thinks appears here.</p>;
  const best = probabilities.indexOf(Math.max(...probabilities));
  return (
    <div className="verdict">
      <p role="status">
        It is <b>{percent(probabilities[best]!)}</b> sure that this is a <b className="verdict-digit">{best}</b>.
      </p>
      <ol className="classes" start={0} aria-label="Probabilities">
        {probabilities.map((probability, digit) => (
          <li key={digit} data-best={digit === best || undefined}>
            <span>{digit}</span>
            <span className="figure-track" aria-hidden="true">
              <span className="figure-bar" style={{ inlineSize: `${probability * 100}%` }} />
            </span>
            <span>{percent(probability)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
