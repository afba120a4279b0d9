import { writeSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openServerLog } from "./server-log.ts";

test("reads back what was written since, also after a rotation cut the file", async () => {
  const dir = await mkdtemp(join(tmpdir(), "tidegate-server-log-"));
  const file = join(dir, "log");
  await writeFile(file, "of an earlier life\n");
  const log = openServerLog(file);
  try {
    expect(log.tail()).toBe("");
    writeSync(log.fd, "FATAL: no\n");
    expect(log.tail()).toBe("FATAL: no\n");
    await truncate(file, 0);
    writeSync(log.fd, "anew\n");
    expect(log.tail()).toBe("anew\n");
  } finally {
    log.close();
    await rm(dir, { recursive: true });
  }
});
