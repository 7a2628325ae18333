import { userInfo } from 'node:os';

import type { Actor } from '#protocol';

/** Who runs a command on the database itself, by the name that the machine knows. */
export function commandActor(): Actor {
  try {
    return { kind: 'command', name: userInfo().username.slice(0, 80) };
  } catch {
    return { kind: 'command', name: '?' }; // a user id without a name, as in a container
  }
}
