// A call that is sent once, whatever retries its client makes otherwise.
import type { InvokeCommand, InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";

export interface SendOptions {
  readonly abortSignal: AbortSignal;
  /** In the place of the client's own limit. */
  readonly requestTimeout: number;
}

/** An invocation whose answer was lost may have run: the SDK, which sends again after a lost connection, would run it twice. */
export async function sendOnce(
  client: LambdaClient,
  command: InvokeCommand,
  options: SendOptions,
): Promise<InvokeCommandOutput> {
  command.middlewareStack.addRelativeTo(hideFailure, {
    relation: "after",
    toMiddleware: "retryMiddleware",
    name: "tidegateSendOnce",
  });
  try {
    return await client.send(command, options);
  } catch (error) {
    throw error instanceof HiddenFailure ? error.failure : error;
  }
}

/** The SDK's retries look at name, code, status and the chain of causes of an error: this one has none of them. */
class HiddenFailure extends Error {
  readonly failure: unknown;
  constructor(failure: unknown) {
    super("the call failed, and is not repeated");
    this.failure = failure;
  }
}

function hideFailure<Args, Output>(next: (args: Args) => Promise<Output>): (args: Args) => Promise<Output> {
  return async (args) => {
    try {
      return await next(args);
    } catch (failure) {
      throw new HiddenFailure(failure);
    }
  };
}
