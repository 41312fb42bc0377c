import { ImpatientClient, quiet, type Access } from "./connections.ts";
import { explain } from "./postgres-failures.ts";

/**
 * Runs a job while holding a lock of its name, on a connection of its own: the lock goes when the connection does, so
 * that a replica that is gone keeps nobody waiting. Gives false, and runs nothing, when another has the lock.
 * Source: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
export async function exclusively(access: Access, name: string, job: () => Promise<void>): Promise<boolean> {
  const client = new ImpatientClient(access.config);
  quiet(client);
  try {
    if (!(await lock(client, name, access.place))) return false;
    await job();
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function lock(client: ImpatientClient, name: string, place: string): Promise<boolean> {
  try {
    await client.connect();
    const { rows } = await client.query<{ got: boolean }>(
      "select pg_try_advisory_lock(hashtextextended($1, 0)) as got",
      [`watchkeeper ${name}`],
    );
    return rows[0]?.got === true;
  } catch (error) {
    throw explain(error, place);
  }
}
