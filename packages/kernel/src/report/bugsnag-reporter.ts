// The Bugsnag adapter of the error reporter (contract CB10).
import type { BugsnagStatic, Client, Event } from "@bugsnag/js";
import { serialiseError } from "../errors/serialise-error.ts";
import type { Secret } from "../secret.ts";
import type { ErrorReporter } from "./reporter.ts";

export interface BugsnagOptions {
  readonly apiKey: Secret;
  readonly releaseStage?: string;
  readonly appVersion?: string;
  /** Default Bugsnag's own. */
  readonly endpoints?: { readonly notify: string; readonly sessions: string };
  /** Told of reports that could not be delivered. */
  readonly onUndelivered?: (error: unknown) => void;
}

/** Delivers reports to Bugsnag; sessions, breadcrumbs and process-wide handlers stay off, so that two reporters never meet. */
export function createBugsnagReporter(options: BugsnagOptions): ErrorReporter {
  let client: Promise<Client> | undefined;
  const underWay = new Set<Promise<void>>();

  const report = (error: unknown, context: Readonly<Record<string, unknown>> = {}): void => {
    client ??= openClient(options);
    const delivery = deliver(client, options, { error, context });
    underWay.add(delivery);
    void delivery.finally(() => underWay.delete(delivery));
  };

  const flush = async (limitMs: number): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([Promise.all(underWay), limit]);
    clearTimeout(timer);
  };

  return { report, flush };
}

/** Loaded with the first report: most processes never have one. */
async function openClient(options: BugsnagOptions): Promise<Client> {
  // The package is CommonJS whose `module.exports` is the notifier; its types describe a default export instead.
  const bugsnag = (await import("@bugsnag/js")).default as unknown as BugsnagStatic;
  return bugsnag.createClient({
    apiKey: options.apiKey.reveal(),
    autoDetectErrors: false,
    autoTrackSessions: false,
    enabledBreadcrumbTypes: [],
    logger: null,
    ...(options.releaseStage === undefined ? {} : { releaseStage: options.releaseStage }),
    ...(options.appVersion === undefined ? {} : { appVersion: options.appVersion }),
    ...(options.endpoints === undefined ? {} : { endpoints: options.endpoints }),
  });
}

async function deliver(
  opening: Promise<Client>,
  options: BugsnagOptions,
  { error, context }: { readonly error: unknown; readonly context: Readonly<Record<string, unknown>> },
): Promise<void> {
  const addContext = (event: Event): void => {
    event.addMetadata("tidegate", { ...context, error: serialiseError(error) });
  };
  try {
    const client = await opening;
    const failure = await new Promise<unknown>((resolve) => {
      client.notify(error instanceof Error ? error : new Error(String(error)), addContext, resolve);
    });
    if (failure !== null && failure !== undefined) options.onUndelivered?.(failure);
  } catch (failure) {
    options.onUndelivered?.(failure);
  }
}
