// Which operator the command line speaks to: a named one, or that of the installation in this home.
import { createProcessWorkloads } from "@tidegate/workloads";
import { readInstallation, type CommandInput } from "../installation/command-input.ts";
import { readComponents } from "../installation/read-components.ts";
import { LOCAL_TOKEN, readTokens, tokensPath } from "../installation/tokens.ts";
import { createClient, type OperatorClient } from "./create-client.ts";
import { OperatorUnreachable } from "./errors.ts";

/** Throws OperatorUnreachable when there is none, or no token for it. */
export async function findOperator(input: CommandInput): Promise<OperatorClient> {
  const named = input.env["TIDEGATE_OPERATOR_URL"];
  if (named !== undefined && named !== "") {
    const token = input.env["TIDEGATE_OPERATOR_TOKEN"] ?? "";
    if (token === "") throw new OperatorUnreachable({ url: named, reason: "TIDEGATE_OPERATOR_TOKEN is not set" });
    if (!URL.canParse(named)) throw new OperatorUnreachable({ url: named, reason: "TIDEGATE_OPERATOR_URL is no URL" });
    return createClient({ url: named.replace(/\/+$/, ""), token });
  }
  const { paths } = readInstallation(input);
  const workloads = createProcessWorkloads({ stateDir: paths.state, releasesDir: paths.releases });
  const operator = (await readComponents(workloads)).find((one) => one.name === "operator");
  const address = operator?.address ?? null;
  if (address === null) throw new OperatorUnreachable({ url: undefined, reason: `none runs in ${paths.home}` });
  const url = `http://${address}`;
  const token = readTokens(paths.home).tokens.find((one) => one.name === LOCAL_TOKEN)?.token;
  if (token === undefined)
    throw new OperatorUnreachable({ url, reason: `${tokensPath(paths.home)} has no token "${LOCAL_TOKEN}"` });
  return createClient({ url, token });
}
