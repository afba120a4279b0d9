// Whether somebody already listens on a port: a health check would be answered by the wrong program.
import { readFileSync } from "node:fs";

/** TCP_LISTEN in the kernel's include/net/tcp_states.h, as /proc/net/tcp shows it. */
const LISTEN = "0A";

/** True when a socket of this network namespace listens on the port, on whatever address (proc_net(5)). */
export function isPortTaken(port: number): boolean {
  return ["/proc/net/tcp", "/proc/net/tcp6"].some((file) => listeningPorts(readTable(file)).has(port));
}

export function listeningPorts(table: string): Set<number> {
  const ports = new Set<number>();
  for (const line of table.split("\n").slice(1)) {
    const [, local, , state] = line.trim().split(/\s+/);
    const hexPort = local?.split(":")[1];
    if (state === LISTEN && hexPort !== undefined) ports.add(Number.parseInt(hexPort, 16));
  }
  return ports;
}

function readTable(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // A kernel without IPv6 has no tcp6.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
