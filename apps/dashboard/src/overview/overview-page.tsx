import { CurveCard } from '../curves/curve-card.js';
import { usePastRounds } from '../curves/past-rounds.js';
import { EmptyNotice, LoadingNotice, ProblemBanner, ProblemNotice } from '../notices.js';
import { HealthStrip } from '../operations/health-strip.js';
import { usePage, useRoundsOfPage, useUseCase } from '../rounds/rounds-provider.js';
import { LiveRound } from './live-round.js';
import { PauseSwitch } from './pause-switch.js';
import { PrivacyCard } from './privacy-card.js';
import { Refusals } from './refusals.js';
import { RoundsTable } from './rounds-table.js';
import { TaskCards } from './task-cards.js';
import '../styles/overview.css';

export function OverviewPage() {
  const { refetch } = useRoundsOfPage();
  const phase = usePage((page) => page.phase);
  const problem = usePage((page) => page.problem);
  const selected = usePage((page) => page.selected);
  const hasRounds = usePage(({ newestFirst }) => newestFirst.length > 0);
  const useCase = useUseCase(selected);
  const past = usePastRounds();

  if (phase === 'loading')
    return problem === null ? <LoadingNotice /> : <ProblemNotice problem={problem} retry={refetch} />;
  return (
    <>
      {problem !== null && <ProblemBanner problem={problem} retry={refetch} />}
      <HealthStrip />
      <TaskCards />
      {useCase && <PauseSwitch useCase={useCase} refetch={refetch} />}
      {useCase === undefined || !hasRounds ? (
        <EmptyNotice useCase={useCase} />
      ) : (
        <>
          <LiveRound />
          <div className="pair">
            <CurveCard past={past} figure="accuracy" />
            <CurveCard past={past} figure="loss" />
            <PrivacyCard useCase={useCase} past={past} />
            <Refusals past={past} />
          </div>
          <RoundsTable key={selected} />
        </>
      )}
    </>
  );
}
