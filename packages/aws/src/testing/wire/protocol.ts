// How a service's calls travel: what a protocol must do.
import type { ServiceModel } from "./model.ts";

export interface WireRequest {
  readonly method: string;
  /** Decoded by nobody yet. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export interface Decoded {
  readonly input: Record<string, unknown>;
  /** What the SDK's model does not allow. */
  readonly problems: readonly string[];
}

export interface Encoded {
  readonly answer: WireAnswer;
  readonly problems: readonly string[];
}

interface WireError {
  readonly name: string;
  readonly status: number;
  readonly message: string;
  /** More members of the error. */
  readonly members: Readonly<Record<string, unknown>>;
}

export interface Protocol {
  /** The operation that a request calls; undefined when it is no call of this service. */
  readonly operationOf: (model: ServiceModel, request: WireRequest) => string | undefined;
  readonly decode: (model: ServiceModel, operation: string, request: WireRequest) => Decoded;
  readonly encode: (model: ServiceModel, operation: string, output: unknown) => Encoded;
  readonly encodeError: (error: WireError) => WireAnswer;
}
