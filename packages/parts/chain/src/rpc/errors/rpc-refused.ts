// The endpoint understood and said no: a JSON-RPC error.
import { TidegateError } from "@tidegate/kernel";

export class RpcRefused extends TidegateError {
  override readonly name = "RpcRefused";
  /** The JSON-RPC error code. */
  readonly rpcCode: number;
  readonly rpcMessage: string;
  /** What the endpoint attached, such as the data of a revert. */
  readonly rpcData: unknown;
  constructor(facts: {
    method: string;
    url: string;
    rpcCode: number;
    rpcMessage: string;
    rpcData?: unknown;
    /** True for errors that may pass: an internal error, a block not yet known. */
    canPass: boolean;
  }) {
    super({
      code: "rpc.refused",
      message: `${facts.url} refused ${facts.method}: ${facts.rpcMessage} (JSON-RPC error ${facts.rpcCode}).`,
      remedy: facts.canPass
        ? "Try again; if it stays, ask the operator of the endpoint."
        : "Check that the endpoint serves this method and that its parameters fit this chain.",
      details: { method: facts.method, url: facts.url, rpcCode: facts.rpcCode, rpcMessage: facts.rpcMessage },
      retry: facts.canPass ? "later" : "never",
      blame: "dependency",
    });
    this.rpcCode = facts.rpcCode;
    this.rpcMessage = facts.rpcMessage;
    this.rpcData = facts.rpcData;
  }
}
