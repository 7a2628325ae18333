/**
 * A process of its own, for systems without setpriv: runs one command and ends it once stdin closes, that is, once
 * the process at the other end of the pipe is dead.
 *
 * Arguments: signal, uid, gid (empty: as ourselves), program, its arguments.
 */
import { spawn } from 'node:child_process';

/** A server that has not stopped this long after its launcher's death is ended without asking. */
const PATIENCE_MS = 30_000;

const [signal, uid, gid, program, ...args] = process.argv.slice(2);
const child = spawn(program!, args, {
  stdio: ['ignore', 'inherit', 'inherit'],
  ...(uid ? { uid: Number(uid), gid: Number(gid) } : {}),
});

child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.once('exit', (code) => process.exit(code ?? 1));

process.stdin.once('close', () => {
  child.kill(signal as NodeJS.Signals);
  setTimeout(() => child.kill('SIGQUIT'), PATIENCE_MS);
});
process.stdin.resume();
for (const passedOn of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(passedOn, () => child.kill(passedOn));
