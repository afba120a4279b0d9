import { expect, it } from "vitest";
import { parseEvent } from "./parse-event.ts";

const EVENT = {
  upgrade_tag: "4aea7a61",
  prefix: "dev4",
  region: "ap-northeast-1",
  regionAbbrev: "apne1",
  addNewKafkaTopics: true,
  onlyRunDbMigrationAndCreateKafkaTopics: false,
};
const OURS = { rollback: "never", onFailedMigration: "restart", gate: "off" };

it("takes the document's event, directly, as a body, as a base64 body, and beside a body", () => {
  const expected = { ...EVENT, ...OURS };
  const text = JSON.stringify(EVENT);
  const base64 = Buffer.from(text).toString("base64");
  expect(parseEvent(EVENT)).toEqual(expected);
  expect(parseEvent({ body: text, headers: { authorization: "secret" } })).toEqual(expected);
  expect(parseEvent({ body: base64, isBase64Encoded: true })).toEqual(expected);
  expect(parseEvent({ httpMethod: "POST", headers: {}, body: null, ...EVENT })).toEqual(expected);
});

it("takes the flags that are left out, or null, as false, and our options with defaults", () => {
  expect(parseEvent({ ...EVENT, addNewKafkaTopics: null, onlyRunDbMigrationAndCreateKafkaTopics: undefined })).toEqual({
    ...EVENT,
    ...OURS,
    addNewKafkaTopics: false,
  });
  expect(parseEvent({ ...EVENT, rollback: "ask", gate: "checks" })).toMatchObject({ rollback: "ask", gate: "checks" });
});

it.each([
  [{ ...EVENT, upgrade_tag: undefined }, "upgrade_tag is missing"],
  [{ ...EVENT, addNewKafkaTopics: "true" }, "addNewKafkaTopics: must be true or false, without quotes"],
  [{ ...EVENT, addNewKafkaTopic: true }, "did you mean addNewKafkaTopics?"],
  [{ ...EVENT, upgrade_tag: "a b" }, "upgrade_tag: an image tag"],
  [{ ...EVENT, upgrade_tag: "../../etc" }, "upgrade_tag: an image tag"],
  [{ ...EVENT, prefix: "dev4/../prod" }, "prefix: letters"],
  [{ ...EVENT, region: "moon" }, "region: an AWS region"],
  [{ ...EVENT, rollback: "always" }, "rollback: "],
  [{ body: "no json" }, "its body is no JSON; upgrade_tag is missing"],
  [
    { body: JSON.stringify({ ...EVENT, prefix: "prod" }), headers: {}, prefix: "dev4" },
    'prefix is "dev4" beside the body and "prod" in it',
  ],
  ["upgrade", 'it is "upgrade", not an object'],
  [null, "upgrade_tag is missing"],
])("refuses %j", (event, message) => {
  expect(() => parseEvent(event)).toThrow(message);
});
