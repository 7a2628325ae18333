import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { plural } from '../../figures.js';
import { DeviceSetup } from '../device/device-setup.js';
import { Failure } from '../parts/failure.js';
import { Guard } from '../parts/guard.js';
import { CodesStep, CohortStep } from './cohort-step.js';
import type { Draft } from './draft.js';
import { launch, type Launched, type Step } from './launch.js';
import { LaunchProgress } from './launch-progress.js';
import { missingOf } from './missing.js';
import { ModelStep } from './model-step.js';
import { PreviewPanel } from './preview-panel.js';
import { PrivacyStep } from './privacy-step.js';
import { ReviewStep } from './review-step.js';
import { StrategyStep } from './strategy-step.js';
import { useDraft } from './use-draft.js';
import { usePreview } from './use-preview.js';

const STEPS = [
  { name: 'Model', Body: ModelStep },
  { name: 'Strategy', Body: StrategyStep },
  { name: 'Privacy', Body: PrivacyStep },
  { name: 'Rounds', Body: CohortStep },
  { name: 'Devices', Body: CodesStep },
  { name: 'Review', Body: ReviewStep },
] as const;

export function WizardPage() {
  return (
    <Guard scope="use-cases:write" title="New use case">
      <Wizard />
    </Guard>
  );
}

function Wizard() {
  const { draft, set, discard } = useDraft();
  const [reached, setReached] = useState<readonly Step[]>([]);
  const start = useMutation({
    mutationFn: async (draft: Draft): Promise<{ draft: Draft; launched: Launched }> => {
      setReached([]);
      const launched = await launch(draft, (step) => setReached((before) => [...before, step]));
      return { draft, launched };
    },
    onSuccess: discard,
  });
  if (start.data) return <Done {...start.data} reached={reached} />;
  if (start.isPending || (start.error && reached.includes('draft'))) {
    return (
      <section className="card">
        <h2 className="page-title">{draft.title} is on its way</h2>
        <LaunchProgress reached={reached} isRunning={start.isPending} />
        <Failure error={start.error} />
        {start.error && (
          <Link className="button" to={`/use-cases/${draft.id}`} onClick={discard}>
            To the use case
          </Link>
        )}
      </section>
    );
  }
  return <Steps draft={draft} set={set} discard={discard} error={start.error} create={() => start.mutate(draft)} />;
}

interface StepsProps extends ReturnType<typeof useDraft> {
  readonly error: Error | null;
  readonly create: () => void;
}

function Steps({ draft, set, discard, error, create }: StepsProps) {
  const preview = usePreview(draft);
  const at = Math.min(draft.step, STEPS.length - 1);
  const { name, Body } = STEPS[at]!;
  const isLast = at === STEPS.length - 1;
  const missing = missingOf(draft);
  const mayCreate = preview.isCurrent && preview.preview?.problems.length === 0 && missing.length === 0;
  return (
    <div className="wizard">
      <StepList at={at} go={(step) => set({ step })} />
      <section className="card">
        <h2 className="page-title">{name}</h2>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (!isLast) set({ step: at + 1 });
            else if (mayCreate) create();
          }}
        >
          <Body draft={draft} set={set} preview={preview} />
          <Failure error={error} />
          {isLast && missing.length > 0 && <p className="said-no">Still to fill in: {missing.join(', ')}.</p>}
          <Buttons {...{ at, set, discard }} mayGoOn={!isLast || mayCreate} />
        </form>
      </section>
      <PreviewPanel draft={draft} preview={preview} />
    </div>
  );
}

type ButtonsProps = Pick<StepsProps, 'set' | 'discard'> & { readonly at: number; readonly mayGoOn: boolean };

function Buttons({ at, set, discard, mayGoOn }: ButtonsProps) {
  return (
    <div className="buttons">
      <button type="submit" className="button button-main" disabled={!mayGoOn}>
        {at === STEPS.length - 1 ? 'Create it and start' : 'Next'}
      </button>
      {at > 0 && (
        <button type="button" className="button" onClick={() => set({ step: at - 1 })}>
          Back
        </button>
      )}
      <button type="button" className="button" onClick={discard}>
        Begin anew
      </button>
    </div>
  );
}

function StepList({ at, go }: { at: number; go: (step: number) => void }) {
  return (
    <nav className="step-list" aria-label="Steps">
      <ol>
        {STEPS.map(({ name }, i) => (
          <li key={name}>
            <button type="button" aria-current={i === at ? 'step' : undefined} onClick={() => go(i)}>
              {i + 1}. {name}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Done({ draft, launched, reached }: { draft: Draft; launched: Launched; reached: readonly Step[] }) {
  const { useCase, code, rounds, warnings } = launched;
  return (
    <>
      <section className="card">
        <h2 className="page-title">{draft.title} is live</h2>
        <LaunchProgress reached={reached} isRunning={false} />
        <p>
          {plural(rounds, 'round')} will run as soon as {draft.kMin} devices have tokens.{' '}
          <Link to={`/use-cases/${useCase}`}>To the use case</Link>
        </p>
        {warnings.map((warning) => (
          <p key={warning} className="warning">
            {warning}
          </p>
        ))}
      </section>
      <DeviceSetup useCase={useCase} title={draft.title} code={code} devices={Number(draft.devices)} />
    </>
  );
}
