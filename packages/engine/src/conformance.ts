// What every engine must do, whatever it keeps its journal in. Ground truth is written down by the effects themselves.
import { describe } from "vitest";
import { describeEndings } from "./conformance/endings.ts";
import { createHarness, type EngineUnderTest } from "./conformance/harness.ts";
import { describeRetrying } from "./conformance/retrying.ts";
import { describeStarting } from "./conformance/starting.ts";
import { describeSteps } from "./conformance/steps.ts";
import { describeWaits } from "./conformance/waits.ts";

export type { EngineUnderTest } from "./conformance/harness.ts";

export function describeEngine(name: string, under: EngineUnderTest): void {
  describe(name, () => {
    const harness = createHarness(under);
    describeSteps(harness);
    describeWaits(harness);
    describeEndings(harness);
    describeRetrying(harness);
    describeStarting(harness);
  });
}
