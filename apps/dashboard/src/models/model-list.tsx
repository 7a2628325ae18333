import { useState } from 'react';
import { Button } from 'react-aria-components';

import type { ModelView } from '#protocol';

import { count, day, percent, plural } from '../figures.js';

const ROWS = 50;

interface Props {
  readonly models: readonly ModelView[];
  readonly chosen: string | null;
  readonly show: (digest: string) => void;
}

export function ModelList({ models, chosen, show }: Props) {
  const [rows, setRows] = useState(ROWS);
  return (
    <section className="card" aria-labelledby="versions">
      <header className="card-header">
        <h2 id="versions">Versions</h2>
        <p className="muted">{plural(models.length, 'version')}, newest first</p>
      </header>
      <ul className="versions">
        {models.slice(0, rows).map((model) => (
          <li key={model.version}>
            <Button className="version" aria-pressed={model.digest === chosen} onPress={() => show(model.digest)}>
              <b>Version {count(model.version)}</b>
              <span>{model.accuracy === null ? 'not measured' : percent(model.accuracy)}</span>
              <span className="muted">{model.round === null ? 'initial model' : `round ${count(model.round)}`}</span>
              <span className="muted version-day">{day(Date.parse(model.createdAt))}</span>
            </Button>
          </li>
        ))}
      </ul>
      {models.length > rows && (
        <Button className="button" onPress={() => setRows(rows + 10 * ROWS)}>
          Show older versions
        </Button>
      )}
    </section>
  );
}
