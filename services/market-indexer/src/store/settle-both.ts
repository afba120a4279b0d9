// Two things that a transaction's connection does one after the other, while this process goes on.

/**
 * Waits for both, whatever becomes of them: a statement that came after the transaction's end would stand alone. Throws the first one's error,
 * of which the second one's follows.
 */
export async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<readonly [A, B]> {
  const [one, other] = await Promise.allSettled([first, second]);
  if (one.status === "rejected") throw one.reason as Error;
  if (other.status === "rejected") throw other.reason as Error;
  return [one.value, other.value];
}
