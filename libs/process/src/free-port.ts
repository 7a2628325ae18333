import { createServer } from 'node:net';

/**
 * A TCP port nobody listens on: the preferred one when it is free, else one the system picks.
 * Another process may take it before the caller does; who must be sure tries again.
 */
export async function freePort(preferred: number = 0, host: string = '127.0.0.1'): Promise<number> {
  return (await tryPort(preferred, host)) ?? (await freePort(0, host));
}

/** @returns the port, or undefined when it is taken or not ours to use (below 1024) */
function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (port !== 0 && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
