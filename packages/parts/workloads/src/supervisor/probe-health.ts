// One health check: an HTTP GET that must answer 2xx in time.
import http from "node:http";
import https from "node:https";

export type ProbeResult = { readonly isHealthy: true } | { readonly isHealthy: false; readonly reason: string };

/** Never rejects: everything that can go wrong is the instance's being unhealthy. No connection is kept. */
export async function probeHealth(url: string, timeoutMs: number): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const fail = (reason: string): void => resolve({ isHealthy: false, reason: `${url} ${reason}` });
  let request: http.ClientRequest | undefined;
  const timer = setTimeout(() => {
    fail(`did not answer within ${timeoutMs} ms`);
    request?.destroy();
  }, timeoutMs);
  try {
    request = (url.startsWith("https:") ? https : http).get(url, { agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      if (status >= 200 && status < 300) resolve({ isHealthy: true });
      else fail(`answered ${status}`);
    });
    request.on("error", (error: NodeJS.ErrnoException) => fail(`cannot be reached (${error.code ?? error.message})`));
  } catch (error) {
    fail(`is not a usable address (${String(error)})`);
  }
  const result = await promise;
  clearTimeout(timer);
  return result;
}
