import { expect, it } from '@jest/globals';

import { newEnrolmentCode } from './enrolment-code.js';

// Kills: any 120 bits, one code in 64 of which "starling code revoke" refuses as an unknown option.
it('[CMD45] a code is 120 random bits, and never begins with a dash', () => {
  const drawn = [0xf8, 0xfb, 0xfc].map((first) => Buffer.alloc(15, 7).fill(first, 0, 1));
  expect(newEnrolmentCode(() => drawn.shift()!)).toMatch(/^_[\w-]{19}$/);
  expect(drawn).toEqual([]);
  expect(newEnrolmentCode()).not.toBe(newEnrolmentCode());
});
