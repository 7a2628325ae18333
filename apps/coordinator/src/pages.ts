import type { Pages } from '#edge';
import type { DeploymentReply } from '#protocol';

const OWN = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/**
 * What the pages may load: their own files, for the dashboard its events, and for the page that takes part issuer and
 * intake, WebAssembly and a worker of its own. Swagger's page has styles in itself.
 */
export const pagesOf = (deployment: DeploymentReply | undefined): Pages => ({
  '/ui': `${OWN}; connect-src 'self' ws: wss:; img-src 'self' data:`,
  '/docs': `${OWN}; img-src 'self' data:; style-src 'self' 'unsafe-inline'`,
  '/take-part': [
    OWN,
    `connect-src ${["'self'", ...(deployment === undefined ? [] : devicesCall(deployment))].join(' ')}`,
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
  ].join('; '),
});

/** By HTTP the issuer, by WebSocket intake, and the coordinator where it has another name than the page's. */
function devicesCall({ issuer, coordinator, intake }: DeploymentReply): string[] {
  const sockets = new URL(intake).origin.replace(/^http/, 'ws');
  return [new URL(issuer).origin, new URL(coordinator).origin, new URL(intake).origin, sockets];
}
