import { expect, it } from "vitest";
import { readMetric } from "./read-metric.ts";

const TEXT = `# HELP http_errors Errors
# TYPE http_errors counter
http_errors{code="500",path="/a \\"b\\""} 3 1700000000000
http_errors{code="404",path="/"} 5
lag_blocks 12
limit +Inf
`;

it.each([
  ["lag_blocks", 12],
  ["http_errors", 8],
  ['http_errors{code="500"}', 3],
  ['http_errors{path="/a \\"b\\"",code="500"}', 3],
  ["limit", Number.POSITIVE_INFINITY],
  ["lag", undefined],
  ['http_errors{code="418"}', undefined],
  ["no metric at all", undefined],
])("reads %s as %s", (metric, value) => {
  expect(readMetric(TEXT, metric)).toBe(value);
});
