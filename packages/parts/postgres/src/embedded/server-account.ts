// PostgreSQL refuses to run as root; then it runs as an unprivileged system user.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describeError, PartIsOff } from "@tidegate/kernel";

const run = promisify(execFile);

/** Who owns the cluster and runs the server; undefined stands for "whoever we are". */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const COMMAND_LIMIT_MS = 15_000;
const OWN_ACCOUNT = "tidegate-postgres";

/** As root: the existing user `postgres`, else `tidegate-postgres`, created when missing. Not root: undefined. */
export async function serverAccount(): Promise<ServerAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = (await lookUp("postgres")) ?? (await lookUp(OWN_ACCOUNT));
  if (existing !== undefined) return existing;
  await create();
  const created = await lookUp(OWN_ACCOUNT);
  if (created === undefined) throw off(`useradd made no user ${OWN_ACCOUNT}`);
  return created;
}

/** spawn's options for running something as that account. */
export function asAccount(account: ServerAccount | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

async function lookUp(name: string): Promise<ServerAccount | undefined> {
  try {
    const uid = await run("id", ["-u", name], { timeout: COMMAND_LIMIT_MS });
    const gid = await run("id", ["-g", name], { timeout: COMMAND_LIMIT_MS });
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch (error) {
    // `id` ends with 1 for a user that does not exist; anything else is a fault.
    if ((error as { code?: unknown }).code === 1) return undefined;
    throw error;
  }
}

async function create(): Promise<void> {
  const options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"];
  try {
    await run("useradd", [...options, "--shell", "/usr/sbin/nologin", OWN_ACCOUNT], { timeout: COMMAND_LIMIT_MS });
  } catch (cause) {
    // Two starts at once: the other one made it (useradd ends with 9).
    if ((cause as { code?: unknown }).code === 9) return;
    throw off(`PostgreSQL refuses to run as root and no user could be made for it (${describeError(cause)})`, cause);
  }
}

function off(reason: string, cause?: unknown): PartIsOff {
  return new PartIsOff({
    part: "postgres",
    reason,
    remedy: `Create a system user (\`useradd --system ${OWN_ACCOUNT}\`), run as a normal user, or set DATABASE_URL.`,
    cause,
  });
}
