import { describe, expect, it } from '@jest/globals';

import { Admission } from './admission.js';

describe('admission', () => {
  // Kills: no bound; a bound that a second call of `leave` lifts; a place that is lost with an error.
  it('[LOD1] takes so many at a time, refuses one more at once with a time to come back, and gives back each place once', async () => {
    const admission = new Admission(2);
    const leave = admission.enter();
    let fail: (error: Error) => void = () => undefined;
    const second = admission.during(() => new Promise((_, reject) => (fail = reject)));
    expect(() => admission.enter()).toThrow(expect.objectContaining({ code: 'overloaded', retryAfterMs: 1000 }));
    fail(new RangeError('broken'));
    await expect(second).rejects.toThrow('broken');
    leave();
    leave();
    admission.enter();
    admission.enter();
    expect(() => admission.enter()).toThrow(expect.objectContaining({ code: 'overloaded' }));
  });
});
