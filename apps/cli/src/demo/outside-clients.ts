// The checks of the tour look through clients that share no code with the product: curl and psql, where they are.
import { spawnSync } from "node:child_process";
import { TidegateError } from "@tidegate/kernel";
import { Client } from "pg";

/** Limit of one look, in seconds. */
const LIMIT_S = 30;

export interface OutsideClients {
  readonly names: string;
  /** POSTs JSON-RPC and gives the result. */
  rpc(url: string, method: string, params: readonly unknown[]): Promise<unknown>;
  /** GETs JSON; with a bearer token where one is given. */
  get(url: string, token?: string): Promise<unknown>;
  /** Runs SQL and gives its rows as text. */
  sql(url: string, statement: string): Promise<ReadonlyArray<readonly string[]>>;
}

/** curl or, without it, the runtime's own fetch; psql or, without it, a plain node-postgres connection. */
export function outsideClients(): OutsideClients {
  const hasCurl = isOnPath("curl");
  const hasPsql = isOnPath("psql");
  const post = hasCurl ? curlPost : fetchPost;
  const get = hasCurl ? curlGet : fetchGet;
  return {
    names: `${hasCurl ? "curl" : "fetch (curl is not here)"} and ${hasPsql ? "psql" : "a bare node-postgres connection (psql is not here)"}`,
    get: async (url, token) => JSON.parse(await get(url, token)) as unknown,
    rpc: async (url, method, params) => {
      const answer = JSON.parse(await post(url, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }))) as {
        result?: unknown;
        error?: unknown;
      };
      if (answer.error !== undefined) throw lookFailed(method, JSON.stringify(answer.error));
      return answer.result;
    },
    sql: hasPsql ? psql : bareSql,
  };
}

function isOnPath(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

function curl(args: readonly string[], body = ""): Promise<string> {
  const { status, stdout, stderr } = spawnSync(
    "curl",
    ["--silent", "--show-error", "--fail-with-body", "--max-time", String(LIMIT_S), ...args],
    {
      input: body,
      encoding: "utf8",
      maxBuffer: 2 ** 29,
    },
  );
  return status === 0
    ? Promise.resolve(stdout)
    : Promise.reject(lookFailed(`curl ${args.at(-1) ?? ""}`, stderr + stdout));
}

// A header as a config on stdin: in the process list everybody could read the token.
const curlGet = (url: string, token?: string): Promise<string> =>
  token === undefined ? curl([url]) : curl(["--config", "-", url], `header = "authorization: Bearer ${token}"\n`);
const curlPost = (url: string, body: string): Promise<string> =>
  curl(["-H", "content-type: application/json", "--data-binary", "@-", url], body);

async function fetchGet(url: string, token?: string): Promise<string> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(url, { headers, signal: AbortSignal.timeout(LIMIT_S * 1_000) })).text();
}

async function fetchPost(url: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  return (await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(LIMIT_S * 1_000) })).text();
}

function psql(url: string, statement: string): Promise<ReadonlyArray<readonly string[]>> {
  // The URL carries the password: in the environment only its owner can read it, in the process list everybody could.
  const { hostname, port, username, password, pathname } = new URL(url);
  const env = {
    ...process.env,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  };
  const { status, stdout, stderr } = spawnSync(
    "psql",
    ["-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", statement],
    {
      env: { ...env, PGCONNECT_TIMEOUT: String(LIMIT_S) },
      encoding: "utf8",
      maxBuffer: 2 ** 29,
      timeout: LIMIT_S * 1_000,
    },
  );
  if (status !== 0) return Promise.reject(lookFailed("psql", stderr));
  return Promise.resolve(
    stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t")),
  );
}

async function bareSql(url: string, statement: string): Promise<ReadonlyArray<readonly string[]>> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: LIMIT_S * 1_000,
    query_timeout: LIMIT_S * 1_000,
  });
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: "array" });
    return rows.map((row) => row.map(String));
  } finally {
    await client.end();
  }
}

function lookFailed(what: string, said: string): TidegateError {
  return new TidegateError({
    code: "demo.look-failed",
    message: `The outside look (${what}) failed: ${said.trim().slice(0, 500)}`,
    remedy: "Run the chapter again; if it fails again, look at the logs it names.",
    blame: "dependency",
  });
}
