import { useMemo } from 'react';

import { EmptyNotice, LoadingNotice, ProblemBanner, ProblemNotice } from '../notices.js';
import { useRoundsOfPage } from '../rounds/rounds-provider.js';
import { useShownTheme } from '../shell/theme-provider.js';
import { AccuracyChart } from './accuracy-chart.js';
import { LiveRound } from './live-round.js';
import { Refusals } from './refusals.js';
import { RoundsTable } from './rounds-table.js';

export function OverviewPage() {
  const { state, refetch } = useRoundsOfPage();
  const theme = useShownTheme();
  const { phase, problem, selected, rounds, skewMs } = state;
  const newestFirst = useMemo(() => [...rounds.values()].toSorted((a, b) => b.sequence - a.sequence), [rounds]);

  if (phase === 'loading')
    return problem === null ? <LoadingNotice /> : <ProblemNotice problem={problem} retry={refetch} />;
  const useCase = state.useCases.find(({ id }) => id === selected);
  return (
    <>
      {problem !== null && <ProblemBanner problem={problem} retry={refetch} />}
      {newestFirst.length === 0 ? (
        <EmptyNotice useCase={useCase} />
      ) : (
        <>
          <LiveRound newestFirst={newestFirst} skewMs={skewMs} />
          <AccuracyChart newestFirst={newestFirst} theme={theme} />
          <Refusals rounds={newestFirst} />
          <RoundsTable key={selected} newestFirst={newestFirst} skewMs={skewMs} />
        </>
      )}
    </>
  );
}
