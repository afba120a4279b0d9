// The ports of an installation: fixed offsets from one base, so that two installations need only two bases.
import { createServer } from "node:net";
import { EXIT, TidegateError } from "@tidegate/kernel";

export interface InstallationPorts {
  readonly postgres: number;
  readonly postgresHealth: number;
  readonly chain: number;
  readonly chainHealth: number;
  readonly trafficHealth: number;
  readonly kafka: number;
  readonly kafkaController: number;
  readonly redis: number;
  readonly indexerHealth: number;
  readonly marketApi: number;
  readonly operator: number;
}

export function installationPorts(base: number): InstallationPorts {
  return {
    postgres: base + 32,
    postgresHealth: base + 33,
    chain: base + 45,
    chainHealth: base + 46,
    trafficHealth: base + 47,
    indexerHealth: base + 50,
    redis: base + 79,
    kafka: base + 92,
    kafkaController: base + 93,
    marketApi: base + 60,
    operator: base + 78,
  };
}

export class PortTaken extends TidegateError {
  override readonly name = "PortTaken";
  constructor(facts: { port: number; service: string; portBase: number }) {
    super({
      code: "port.taken",
      message: `Port ${facts.port} on 127.0.0.1, which ${facts.service} needs, is taken by another process. Nothing was started.`,
      remedy: `Find the holder with \`ss -ltnp 'sport = :${facts.port}'\` and end it, or choose other ports: --port-base ${facts.portBase + 200}.`,
      details: { port: facts.port, service: facts.service },
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}

/** Whether a listener could be opened on 127.0.0.1:port now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise<boolean>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(false);
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(true)));
  });
}
