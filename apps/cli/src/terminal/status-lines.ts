// The table of `tidegate up` and `tidegate status`: where each part and service is and how it does.
import type { Component } from "@tidegate/contract";
import type { ExternalPart } from "../installation/installed.ts";
import type { OffPart } from "../installation/off-part.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const COLOURS: Partial<Record<Component["state"], "green" | "red" | "yellow">> = {
  running: "green",
  failed: "red",
  unhealthy: "red",
  restarting: "yellow",
  starting: "yellow",
  stopping: "yellow",
};

/** Real parts that stand in the place of embedded ones come first, as external; then what is off, with its remedy. */
export function statusLines(
  terminal: Terminal,
  { external, off }: { readonly external: readonly ExternalPart[]; readonly off: readonly OffPart[] },
  components: readonly Component[],
): readonly string[] {
  const rows: string[][] = [["NAME", "KIND", "STATE", "ADDRESS", "PID", "RESTARTS", ""]];
  for (const one of external) rows.push([one.name, "part", "external", one.address, "-", "-", ""]);
  for (const one of off) rows.push([one.name, "part", "off", "-", "-", "-", `${one.reason}. ${one.remedy}`]);
  for (const one of components) {
    rows.push([
      one.name,
      one.kind,
      one.state,
      one.address === null ? "-" : shownAddress(one),
      String(one.pid ?? "-"),
      String(one.restarts),
      one.detail ?? "",
    ]);
  }
  return table(rows).map((line, index) => {
    const component = index === 0 ? undefined : components.find((one) => line.startsWith(`${one.name} `));
    const colour = component === undefined ? undefined : COLOURS[component.state];
    if (index === 0) return terminal.style("dim", line);
    return colour === undefined ? line : line.replace(component?.state ?? "", (state) => terminal.style(colour, state));
  });
}

function shownAddress(one: Component): string {
  if (one.name === "kafka") return one.address ?? "-";
  const scheme = one.name === "postgres" || one.name === "redis" ? one.name : "http";
  return `${scheme}://${one.address}`;
}
