/** The page's policy forbids code made of text. zod tries it once to see, and a browser reports that: it need not try. */
const zod = globalThis as { __zod_globalConfig?: { jitless?: boolean } };
zod.__zod_globalConfig = { ...zod.__zod_globalConfig, jitless: true };
