// One call of an API, its errors in our words.
import { mapAwsError } from "../errors/map-aws-error.ts";

export interface AwsCall {
  /** What the role must allow: "ecs:DescribeServices". */
  readonly action: string;
  /** What the call was for: "Looking at ender and roundtable". */
  readonly what: string;
}

/** Gives what `send` gives; what it throws is mapped by `sooner`, where that knows better, else by `mapAwsError`. */
export async function callAws<Output>(
  call: AwsCall,
  send: () => Promise<Output>,
  sooner: (error: unknown) => unknown = (error) => error,
): Promise<Output> {
  try {
    return await send();
  } catch (error) {
    throw mapAwsError(sooner(error), call);
  }
}
