// The operator's thin face; `main.ts` is the program.
export { createOperator, type OperatorDeps, type OperatorEvent } from "./create-operator.ts";
export { operatorSettings } from "./settings.ts";
