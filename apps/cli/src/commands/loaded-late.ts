/**
 * An action whose code is loaded when it runs: a database driver, the device library and the like take half a second that
 * other commands need not wait.
 */
export const loadedLate =
  <Given extends readonly unknown[]>(load: () => Promise<(...given: Given) => Promise<void>>) =>
  async (...given: Given): Promise<void> =>
    (await load())(...given);
