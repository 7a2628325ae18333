import { useMemo } from 'react';

import { AccuracyChart } from './accuracy-chart.js';
import { EmptyNotice, LoadingNotice, ProblemBanner, ProblemNotice } from './notices.js';
import { LiveRound } from './live-round.js';
import { PageHeader } from './page-header.js';
import { Refusals } from './refusals.js';
import { RoundsTable } from './rounds-table.js';
import type { PageState } from './rounds-state.js';
import { useRounds } from './use-rounds.js';
import { useTheme, type Theme } from './use-theme.js';

export function App() {
  const { state, refetch, select } = useRounds();
  const [theme, toggleTheme] = useTheme();
  return (
    <>
      <PageHeader state={state} select={select} theme={theme} toggleTheme={toggleTheme} />
      <main className="page">
        <Content state={state} refetch={refetch} theme={theme} />
      </main>
    </>
  );
}

function Content({ state, refetch, theme }: { state: PageState; refetch: () => void; theme: Theme }) {
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
