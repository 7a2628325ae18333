/** The PostgreSQL that comes with Starling, for when there is no DATABASE_URL. */
export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './errors.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from './server.js';
