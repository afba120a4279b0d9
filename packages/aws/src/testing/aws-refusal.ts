// What an operation of the stand-in throws to refuse a call as AWS would.

/** `name` is one of the errors in the SDK's model of the service, or one that every service has: "AccessDeniedException". */
export class AwsRefusal extends Error {
  override readonly name = "AwsRefusal";
  readonly error: string;
  /** More members of the error, `{ Type: "User" }` for Lambda. */
  readonly members: Readonly<Record<string, unknown>>;
  constructor(error: string, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.error = error;
    this.members = members;
  }
}
