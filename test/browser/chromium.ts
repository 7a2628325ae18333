/** Where tests find a browser. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const BROWSER_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-dev-shm-usage',
];
