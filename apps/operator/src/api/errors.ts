// What the API itself refuses.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class NotAuthenticated extends TidegateError {
  override readonly name = "NotAuthenticated";
  constructor(facts: { readonly reason: string }) {
    super({
      code: "operator.not-authenticated",
      message: `Who asks is not known: ${facts.reason}. Nothing was done.`,
      remedy:
        "Send `Authorization: Bearer TOKEN`. `tidegate up` makes a token in the installation's home (tokens.json); `tidegate tokens add` makes more.",
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class RoleTooLow extends TidegateError {
  override readonly name = "RoleTooLow";
  constructor(facts: { readonly name: string; readonly role: string; readonly needed: string; readonly what: string }) {
    super({
      code: "operator.role-too-low",
      message: `${facts.name} is ${facts.role}; ${facts.what} needs ${facts.needed}. Nothing was done.`,
      remedy: `Use a token of role ${facts.needed}: \`tidegate tokens add NAME --role ${facts.needed}\`.`,
      details: facts,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class ForeignOrigin extends TidegateError {
  override readonly name = "ForeignOrigin";
  constructor(facts: { readonly origin: string }) {
    super({
      code: "operator.foreign-origin",
      message: `A page of ${facts.origin} may not change anything here. Nothing was done.`,
      remedy: "Call from the operator's own origin, or without the header Origin.",
      details: facts,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class PathRefused extends TidegateError {
  override readonly name = "PathRefused";
  constructor(facts: { readonly name: string; readonly value: string }) {
    super({
      code: "operator.path-refused",
      message: `The ${facts.name} in the path, ${JSON.stringify(facts.value)}, is no text that anything can be named with. Nothing was done.`,
      remedy: "Use the id or name as it is listed.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class BodyRefused extends TidegateError {
  override readonly name = "BodyRefused";
  readonly status: 400 | 413 | 415;
  constructor(facts: { readonly status: 400 | 413 | 415; readonly problem: string; readonly remedy: string }) {
    super({
      code: "operator.body-refused",
      message: `The body is not usable: ${facts.problem}. Nothing was done.`,
      remedy: facts.remedy,
      blame: "user",
      exit: EXIT.usage,
    });
    this.status = facts.status;
  }
}

export class TokensUnusable extends TidegateError {
  override readonly name = "TokensUnusable";
  constructor(facts: { readonly path: string; readonly problem: string; readonly remedy: string }) {
    super({
      code: "operator.tokens-unusable",
      message: `The tokens in ${facts.path} cannot be used: ${facts.problem}.`,
      remedy: facts.remedy,
      details: { path: facts.path },
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
