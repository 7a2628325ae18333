import { useEffect, useRef, useState } from 'react';

import type { RoundView } from '#protocol';

import { Sparkline } from '../charts/sparkline.js';
import { Explain } from '../controls/explain.js';

const WINDOW_S = 10;
const KEPT_S = 60;

const MEANING = (
  <Explain of="Updates a second">
    How many updates were accepted a second, over the last {WINDOW_S} seconds. Devices wait a random part of the round’s
    window before they send, so that this says nothing about any of them.
  </Explain>
);

/** Accepted updates a second, from the counts that come in. */
export function Throughput({ round }: { round: RoundView }) {
  const perSecond = useAcceptedPerSecond(round);
  if (round.state !== 'open' || perSecond.length === 0) return null;
  const recent = perSecond.slice(-WINDOW_S);
  const mean = recent.reduce((sum, n) => sum + n, 0) / recent.length;
  const rate = mean >= 10 ? mean.toFixed(0) : mean.toFixed(1);
  return (
    <p className="throughput">
      <b>{rate}</b> updates a second
      <Sparkline values={perSecond} label={`Accepted updates a second over the last minute, now ${rate}`} />
      {MEANING}
    </p>
  );
}

/** One number for each of the last seconds, oldest first. */
function useAcceptedPerSecond({ id, state, accepted }: RoundView): readonly number[] {
  const latest = useRef(accepted);
  latest.current = accepted;
  const [perSecond, setPerSecond] = useState<readonly number[]>([]);
  useEffect(() => {
    setPerSecond([]);
    if (state !== 'open') return;
    let before = latest.current;
    const timer = setInterval(() => {
      const now = latest.current;
      const since = Math.max(0, now - before);
      before = now;
      setPerSecond((known) => [...known, since].slice(-KEPT_S));
    }, 1000);
    return () => clearInterval(timer);
  }, [id, state]);
  return perSecond;
}
