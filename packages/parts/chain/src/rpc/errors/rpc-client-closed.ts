// A call to a client after its end, or one that its end cut short.
import { TidegateError } from "@tidegate/kernel";

export class RpcClientClosed extends TidegateError {
  override readonly name = "RpcClientClosed";
  constructor() {
    super({
      code: "rpc.client-closed",
      message: "The JSON-RPC client was closed; calls in flight may or may not have been done.",
      remedy: "Create a new client.",
    });
  }
}
