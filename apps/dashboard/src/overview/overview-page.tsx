import { useMemo } from 'react';

import { CurveCard } from '../curves/curve-card.js';
import { usePastRounds } from '../curves/past-rounds.js';
import { EmptyNotice, LoadingNotice, ProblemBanner, ProblemNotice } from '../notices.js';
import { HealthStrip } from '../operations/health-strip.js';
import { useRoundsOfPage } from '../rounds/rounds-provider.js';
import { LiveRound } from './live-round.js';
import { PauseSwitch } from './pause-switch.js';
import { PrivacyCard } from './privacy-card.js';
import { Refusals } from './refusals.js';
import { RoundsTable } from './rounds-table.js';
import { TaskCards } from './task-cards.js';
import '../styles/overview.css';

export function OverviewPage() {
  const { state, refetch, select } = useRoundsOfPage();
  const { phase, problem, selected, rounds, skewMs } = state;
  const newestFirst = useMemo(() => [...rounds.values()].toSorted((a, b) => b.sequence - a.sequence), [rounds]);
  const past = usePastRounds();

  if (phase === 'loading')
    return problem === null ? <LoadingNotice /> : <ProblemNotice problem={problem} retry={refetch} />;
  const useCase = state.useCases.find(({ id }) => id === selected);
  return (
    <>
      {problem !== null && <ProblemBanner problem={problem} retry={refetch} />}
      <HealthStrip />
      {state.useCases.length > 1 && <TaskCards useCases={state.useCases} selected={selected} select={select} />}
      {useCase && <PauseSwitch useCase={useCase} refetch={refetch} />}
      {useCase === undefined || newestFirst.length === 0 ? (
        <EmptyNotice useCase={useCase} />
      ) : (
        <>
          <LiveRound newestFirst={newestFirst} skewMs={skewMs} />
          <div className="pair">
            <CurveCard past={past} figure="accuracy" />
            <CurveCard past={past} figure="loss" />
            <PrivacyCard useCase={useCase} past={past} />
            <Refusals past={past} />
          </div>
          <RoundsTable key={selected} newestFirst={newestFirst} />
        </>
      )}
    </>
  );
}
