// One health check: an HTTP GET that must answer 2xx in time, or a TCP port that must accept a connection.
import http from "node:http";
import https from "node:https";
import net from "node:net";

export type ProbeResult = { readonly isHealthy: true } | { readonly isHealthy: false; readonly reason: string };

/** Never rejects: everything that can go wrong is the instance's being unhealthy. No connection is kept. */
export async function probeHealth(url: string, timeoutMs: number): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const fail = (reason: string): void => resolve({ isHealthy: false, reason: `${url} ${reason}` });
  let request: http.ClientRequest | net.Socket | undefined;
  const timer = setTimeout(() => {
    fail(`did not answer within ${timeoutMs} ms`);
    request?.destroy();
  }, timeoutMs);
  try {
    if (url.startsWith("tcp:")) {
      const { hostname, port } = new URL(url);
      request = net.connect({ host: hostname, port: Number(port) }, () => resolve({ isHealthy: true }));
    } else
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
  if (request instanceof net.Socket) request.destroy();
  return result;
}
