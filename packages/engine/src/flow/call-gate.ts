// The rules of durable calls, the same in every engine: names are unique, calls come one after another, or side by side in `all` only.
// They make the order of calls the same each time the flow runs, which is what a journal rests on.
import { BranchInvalid, OperationInvalid, StepNameInvalid } from "../errors/operation-errors.ts";

export interface CallGate {
  /** Runs one durable call; throws, before `call`, what breaks a rule. */
  readonly pass: <T>(name: string, call: () => Promise<T>) => Promise<T>;
  readonly all: <T>(name: string, branches: ReadonlyArray<() => Promise<T>>) => Promise<T[]>;
  /** Throws OperationInvalid when a call was begun and not waited for. */
  readonly close: () => void;
}

/** Kept free of the separator that names a call's kind in the journal, and short enough to be read. */
const NAME = /^[^\s:][^:\n]{0,119}$/;

interface GateState {
  readonly used: Set<string>;
  readonly openCalls: Set<string>;
  /** The branch that is being begun now. */
  branch: { readonly all: string; readonly index: number; calls: number } | undefined;
  /** The `all` that is going on. */
  inAll: string | undefined;
}

export function createCallGate(operation: string): CallGate {
  const state: GateState = { used: new Set(), openCalls: new Set(), branch: undefined, inAll: undefined };
  const { openCalls } = state;
  const pass = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    admit(state, name);
    openCalls.add(name);
    try {
      return await call();
    } finally {
      openCalls.delete(name);
    }
  };

  const all = async <T>(name: string, list: ReadonlyArray<() => Promise<T>>): Promise<T[]> => {
    if (state.inAll !== undefined || openCalls.size > 0) {
      throw new BranchInvalid({ all: name, branch: 0, problem: "stands inside another durable call" });
    }
    state.inAll = name;
    try {
      const begun = list.map((branch, index) => beginBranch(state, branch, { all: name, index }));
      const settled = await Promise.allSettled(begun);
      const failed = settled.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    } finally {
      state.inAll = undefined;
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

function admit({ used, openCalls, branch, inAll }: GateState, step: string): void {
  const refuse = (problem: string): never => {
    throw new StepNameInvalid({ step, problem });
  };
  if (!NAME.test(step)) refuse("a name is 1 to 120 characters, without a colon, not beginning with a space");
  if (branch !== undefined) {
    branch.calls += 1;
    const { all, index } = branch;
    if (branch.calls > 1)
      throw new BranchInvalid({ all, branch: index, problem: `makes a second durable call, "${step}"` });
  } else if (inAll !== undefined) {
    refuse(`a branch of "${inAll}" calls it after its first call, or not at once`);
  } else if (openCalls.size > 0) {
    refuse(`"${[...openCalls].join('", "')}" has not ended; calls side by side go into \`all\``);
  }
  if (used.has(step)) refuse("the run has used it already");
  used.add(step);
}

async function beginBranch<T>(
  state: GateState,
  branch: () => Promise<T>,
  at: { readonly all: string; readonly index: number },
): Promise<T> {
  const counted = { ...at, calls: 0 };
  state.branch = counted;
  let promise: Promise<T>;
  try {
    promise = branch();
  } finally {
    state.branch = undefined;
  }
  if (counted.calls === 0) {
    promise.catch(() => undefined);
    throw new BranchInvalid({ all: at.all, branch: at.index, problem: "makes no durable call, or not at once" });
  }
  return promise;
}
