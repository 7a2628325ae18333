import { BOOK, Strategies } from '#learning';

/** The same as the servers have, but for a researcher's own. */
export const STRATEGIES = new Strategies(BOOK);
