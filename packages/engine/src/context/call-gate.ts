// The rules of durable calls, the same in every engine: names are unique, calls come one after another, or side by side in `all` only.
// They make the order of calls the same each time the flow runs, which is what a journal rests on.
import { BranchInvalid, OperationInvalid, StepNameInvalid } from "../errors/operation-errors.ts";

export interface CallGate {
  /** Runs one durable call; throws, before `call`, what breaks a rule. */
  pass<T>(name: string, call: () => Promise<T>): Promise<T>;
  all<T>(name: string, branches: ReadonlyArray<() => Promise<T>>): Promise<T[]>;
  /** Throws OperationInvalid when a call was begun and not waited for. */
  close(): void;
}

/** Kept free of the separator that names a call's kind in the journal, and short enough to be read. */
const NAME = /^[^\s:][^:\n]{0,119}$/;

export function createCallGate(operation: string): CallGate {
  const used = new Set<string>();
  const openCalls = new Set<string>();
  let branches: { readonly all: string; index: number; calls: number } | undefined;
  let inAll: string | undefined;

  const admit = (name: string): void => {
    if (!NAME.test(name)) {
      throw new StepNameInvalid({
        step: name,
        problem: "a name is 1 to 120 characters, without a colon, not beginning with a space",
      });
    }
    if (branches !== undefined) {
      branches.calls += 1;
      if (branches.calls > 1)
        throw new BranchInvalid({
          all: branches.all,
          branch: branches.index,
          problem: `makes a second durable call, "${name}"`,
        });
    } else if (inAll !== undefined) {
      throw new StepNameInvalid({
        step: name,
        problem: `a branch of "${inAll}" calls it after its first call, or not at once`,
      });
    } else if (openCalls.size > 0) {
      throw new StepNameInvalid({
        step: name,
        problem: `"${[...openCalls].join('", "')}" has not ended; calls side by side go into \`all\``,
      });
    }
    if (used.has(name)) throw new StepNameInvalid({ step: name, problem: "the run has used it already" });
    used.add(name);
  };

  const pass = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    admit(name);
    openCalls.add(name);
    try {
      return await call();
    } finally {
      openCalls.delete(name);
    }
  };

  const all = async <T>(name: string, list: ReadonlyArray<() => Promise<T>>): Promise<T[]> => {
    if (inAll !== undefined || openCalls.size > 0)
      throw new BranchInvalid({ all: name, branch: 0, problem: "stands inside another durable call" });
    inAll = name;
    try {
      const begun = list.map(async (branch, index) => {
        branches = { all: name, index, calls: 0 };
        try {
          const promise = branch();
          // Marked as handled: allSettled comes after the other branches have begun.
          promise.catch(() => undefined);
          if (branches.calls === 0)
            throw new BranchInvalid({ all: name, branch: index, problem: "makes no durable call, or not at once" });
          return { promise };
        } finally {
          branches = undefined;
        }
      });
      const settled = await Promise.allSettled(begun.map(async (one) => (await one).promise));
      const failed = settled.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    } finally {
      inAll = undefined;
    }
  };

  const close = (): void => {
    if (openCalls.size > 0) {
      throw new OperationInvalid({
        operation,
        problem: `it ended before its calls "${[...openCalls].join('", "')}" did`,
      });
    }
  };
  return { pass, all, close };
}
