import { STEPS, type Step } from './launch.js';

const WORDS: Readonly<Record<Step, string>> = {
  upload: 'The model is with the coordinator',
  draft: 'The use case is drafted',
  key: 'The issuer has made its key',
  manifest: 'The manifest is signed: it is live',
  log: 'The public log has it',
  code: 'The enrolment code is made',
  rounds: 'Its rounds are scheduled',
};

/** What is done, and what it is at. */
export function LaunchProgress({ reached, isRunning }: { reached: readonly Step[]; isRunning: boolean }) {
  const current = isRunning ? STEPS[reached.length] : undefined;
  const stateOf = (step: Step): string => {
    if (reached.includes(step)) return 'done';
    return step === current ? 'now' : 'later';
  };
  return (
    <div role="status">
      <ol className="launch" aria-label="Progress">
        {STEPS.map((step) => (
          <li key={step} data-state={stateOf(step)}>
            <span className="launch-mark" aria-hidden="true" />
            {WORDS[step]}
            <span className="visually-hidden">: {stateOf(step)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
