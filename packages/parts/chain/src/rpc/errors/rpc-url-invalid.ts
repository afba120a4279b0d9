// An endpoint that cannot be one. The URL is not repeated in full: it may hold an API key.
import { EXIT, redactUrl, TidegateError } from "@tidegate/kernel";

export class RpcUrlInvalid extends TidegateError {
  override readonly name = "RpcUrlInvalid";
  constructor(facts: { url: string | undefined }) {
    super({
      code: "rpc.url-invalid",
      message:
        facts.url === undefined
          ? "No RPC endpoint was given."
          : `The RPC endpoint ${redactUrl(facts.url)} is not an http:// or https:// URL.`,
      remedy: "Give one or more URLs like http://127.0.0.1:8545.",
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
