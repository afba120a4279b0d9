// `tidegate tokens ls|add|revoke`: who may use the operator of this installation.
import { ROLES, roleSchema, tokenNameSchema } from "@tidegate/contract";
import { EXIT, TidegateError, type ExitCode } from "@tidegate/kernel";
import { readInstallation, type CommandInput } from "../installation/command-input.ts";
import { addToken, readTokens, revokeToken } from "../installation/tokens.ts";
import { table } from "../terminal/table.ts";
import { UnknownName } from "../terminal/unknown-name.ts";

export function listTokens(input: CommandInput): ExitCode {
  const { tokens } = readTokens(readInstallation(input).paths.home);
  const shown = tokens.map(({ name, role }) => ({ name, role }));
  if (input.isJson) input.terminal.data(JSON.stringify({ tokens: shown }));
  else if (shown.length === 0) input.terminal.talk("There are no tokens; `tidegate up` makes the first.");
  else
    for (const line of table([["NAME", "ROLE"], ...shown.map((one) => [one.name, one.role])]))
      input.terminal.data(line);
  return EXIT.ok;
}

export function createToken(input: CommandInput, name: string, role: string): ExitCode {
  const { home } = readInstallation(input).paths;
  const named = tokenNameSchema.safeParse(name);
  if (!named.success) throw new TokenNameInvalid({ name, problem: named.error.issues[0]?.message ?? "is not allowed" });
  const known = roleSchema.safeParse(role);
  if (!known.success) throw new UnknownName({ what: "role", name: role, known: ROLES });
  input.terminal.data(addToken(home, name, known.data));
  input.terminal.talk(
    `${name} is ${role}. This is the only time that the token is shown; a token of this name before it is void.`,
  );
  return EXIT.ok;
}

export function voidToken(input: CommandInput, name: string): ExitCode {
  const { home } = readInstallation(input).paths;
  const known = readTokens(home).tokens.map((one) => one.name);
  if (!revokeToken(home, name)) throw new UnknownName({ what: "token", name, known });
  input.terminal.talk(`${name} is void from now on.`);
  return EXIT.ok;
}

class TokenNameInvalid extends TidegateError {
  override readonly name = "TokenNameInvalid";
  constructor(facts: { readonly name: string; readonly problem: string }) {
    super({
      code: "usage.token-name",
      message: `The name "${facts.name}" ${facts.problem}. Nothing was changed.`,
      remedy: "Choose another name.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
