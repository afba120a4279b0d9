// JSON-RPC over node:http: each body is read into one buffer of its size.
import { Agent, request } from "node:http";

export interface RpcPost {
  (calls: object): Promise<Buffer>;
}

export function createRpcPost(url: string, connections: number): RpcPost {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return (calls) =>
    new Promise((resolve, reject) => {
      const sent = request(
        url,
        { method: "POST", agent, headers: { "content-type": "application/json" } },
        (response) => {
          const body = Buffer.allocUnsafeSlow(Number(response.headers["content-length"]));
          let at = 0;
          response.on("data", (chunk: Buffer) => {
            at += chunk.copy(body, at);
          });
          response.on("end", () => resolve(body));
          response.on("error", reject);
        },
      );
      sent.on("error", reject);
      sent.end(JSON.stringify(calls));
    });
}
