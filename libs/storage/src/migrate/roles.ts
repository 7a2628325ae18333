import pg from 'pg';

/** One role a process. What each may do is in the SQL files, beside the tables. */
export const ROLES = ['issuer', 'intake', 'coordinator', 'worker'] as const;
export type Role = (typeof ROLES)[number];
export type RolePasswords = Readonly<Record<Role, string>>;

export const roleName = (role: Role): string => `starling_${role}`;

/** The URL with which a process of this role reaches the database that `adminUrl` names. */
export function roleUrl(adminUrl: string, role: Role, password: string): string {
  const url = new URL(adminUrl);
  url.username = roleName(role);
  url.password = password;
  return url.href;
}

/** Roles that are there keep their passwords; those that are not cannot log in before they get one. */
export async function createMissingRoles(admin: Pick<pg.ClientBase, 'query'>): Promise<void> {
  for (const role of ROLES) {
    await admin.query(
      `do $$ begin create role ${roleName(role)}; exception when duplicate_object or unique_violation then null; end $$`,
    );
  }
}

/** Creates the roles, or gives existing ones these passwords. Roles belong to the whole cluster. */
export async function createRoles(admin: pg.Pool, passwords: RolePasswords): Promise<void> {
  await createMissingRoles(admin);
  for (const role of ROLES) {
    const name = roleName(role);
    const password = pg.escapeLiteral(passwords[role]);
    await admin.query(`alter role ${name} with login nosuperuser nocreatedb nocreaterole password ${password}`);
  }
}

/** The queue belongs to the worker. Jobs carry ids only, and state is in our own tables. */
export async function grantQueue(admin: pg.ClientBase): Promise<void> {
  const worker = roleName('worker');
  await admin.query(`
    grant usage on schema bullmq to ${worker};
    grant select, insert, update, delete on all tables in schema bullmq to ${worker};
    grant usage, select, update on all sequences in schema bullmq to ${worker};
    grant execute on all functions in schema bullmq to ${worker};`);
}

/** Each process looks whether the database is as new as itself. */
export async function grantLedger(admin: pg.ClientBase): Promise<void> {
  const roles = ROLES.map(roleName).join(', ');
  await admin.query(`grant usage on schema public to ${roles}; grant select on public.kysely_migration to ${roles};`);
}
