// Lets each try of each call of a client wait until its quota has room for it.
import type { Pace } from "./create-pace.ts";

/** What is used of the SDK's middleware stack, whose own type differs from client to client. */
interface Stack {
  addRelativeTo(middleware: Middleware, options: { relation: "after"; toMiddleware: string; name: string }): void;
}
type Middleware = (next: Next, context: { readonly commandName?: string }) => Next;
type Next = (args: unknown) => Promise<unknown>;

/** Inside the SDK's retries, so that each try counts. */
export function paceCalls(client: object, pace: Pace): void {
  const { middlewareStack } = client as { middlewareStack: Stack };
  const middleware: Middleware =
    (next, { commandName = "" }) =>
    async (args) => {
      await pace(commandName.replace(/Command$/, ""));
      return next(args);
    };
  middlewareStack.addRelativeTo(middleware, {
    relation: "after",
    toMiddleware: "retryMiddleware",
    name: "auxoPaceCalls",
  });
}
