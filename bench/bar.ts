// What a bench returns, and the one line that it ends with.
import { cpus, totalmem } from "node:os";

export interface Bar {
  readonly name: string;
  /** The median of the samples, or their maximum where the name says so, in the unit that the name says. */
  readonly value: number;
  /** Undefined where the value is reported and gates nothing. */
  readonly bar?: number;
  readonly holds: boolean;
  readonly samples: number;
  /** Of the data: rows, bytes, services, in words. */
  readonly size: string;
  readonly spread?: readonly [min: number, max: number];
}

interface BenchOptions {
  /** Fewer repetitions, the same data. */
  readonly isQuick: boolean;
}

export type Bench = (options: BenchOptions) => Promise<readonly Bar[]>;

export function machine(): string {
  return `${cpus().length} x ${cpus()[0]?.model ?? "unknown CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

/** A bar that holds when the median of `samples` is at least `bar`. */
export function atLeast(name: string, samples: readonly number[], size: string, bar: number): Bar {
  const reported = atMost(name, samples, size);
  return { ...reported, bar, holds: reported.value >= bar };
}

/** A bar that holds when the median of `samples` is at most `bar`; without a bar it is only reported. */
export function atMost(name: string, samples: readonly number[], size: string, bar?: number): Bar {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return {
    name,
    value: Number(median.toPrecision(4)),
    ...(bar === undefined ? {} : { bar }),
    holds: bar === undefined || median <= bar,
    samples: samples.length,
    size,
    spread: [Number((sorted[0] ?? NaN).toPrecision(4)), Number((sorted.at(-1) ?? NaN).toPrecision(4))],
  };
}

/** A bar that holds when every one of `samples` is at most `bar`: for what may not happen even once. */
export function neverAbove(name: string, samples: readonly number[], size: string, bar: number): Bar {
  const reported = atMost(`${name}, maximum`, samples, size);
  const value = reported.spread?.[1] ?? NaN;
  return { ...reported, value, bar, holds: value <= bar };
}
