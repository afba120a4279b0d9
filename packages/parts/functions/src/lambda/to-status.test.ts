import { expect, it } from "vitest";
import { toStatus } from "./to-status.ts";

const Code = { ImageUri: "r/bazooka:v2", ResolvedImageUri: "r/bazooka@sha256:02" };

it.each([
  [{ State: "Active", LastUpdateStatus: "Successful" }, "ready", undefined],
  [{ State: "Inactive", LastUpdateStatus: "Successful" }, "ready", undefined],
  [{}, "ready", undefined],
  [{ State: "Active", LastUpdateStatus: "InProgress" }, "updating", undefined],
  [{ State: "Pending" }, "updating", undefined],
  [{ State: "Active", LastUpdateStatus: "Failed" }, "failed", "its last update failed, and AWS gives no reason"],
  [
    {
      State: "Active",
      LastUpdateStatus: "Failed",
      LastUpdateStatusReason: "The image is gone.",
      LastUpdateStatusReasonCode: "ImageDeleted",
    },
    "failed",
    "The image is gone (ImageDeleted)",
  ],
  [{ State: "Failed", StateReason: "No subnet." }, "failed", "its state is Failed: No subnet"],
  [{ State: "Deactivated" }, "failed", "its state is Deactivated"],
] as const)("%j is %s", (Configuration, state, reason) => {
  const status = toStatus("bazooka", { Configuration, Code });
  expect(status.state).toBe(state);
  expect(status.reason).toBe(reason);
});

it("names the image by its digest, and none for a zip archive", () => {
  expect(toStatus("bazooka", { Configuration: { Timeout: 300 }, Code })).toMatchObject({
    image: "r/bazooka@sha256:02",
    timeoutMs: 300_000,
  });
  expect(toStatus("bazooka", { Code: { RepositoryType: "S3" } })).toMatchObject({ image: null, timeoutMs: 3_000 });
});
