import { describe, expect, it } from "vitest";
import { parseEvent } from "./parse-event.ts";

const ALL_FALSE = {
  migrate: false,
  rollback: false,
  clear_db: false,
  reset_db: false,
  create_kafka_topics: false,
  clear_kafka_topics: false,
  clear_redis: false,
  send_stateful_orders_to_vulcan: false,
  force: false,
};

const body = JSON.stringify({ migrate: true, create_kafka_topics: true });
const asked = { ...ALL_FALSE, migrate: true, create_kafka_topics: true };

describe("an event", () => {
  it.each([
    ["nothing", undefined],
    ["an empty object", {}],
    ["an envelope without a body", { requestContext: {}, body: null }],
  ])("asks for nothing: %s", (_, event) => expect(parseEvent(event)).toEqual(ALL_FALSE));

  it.each([
    ["direct", { migrate: true, create_kafka_topics: true }],
    ["in the body of an API Gateway event", { httpMethod: "POST", headers: {}, body, isBase64Encoded: false }],
    ["in a base64 body", { requestContext: {}, body: Buffer.from(body).toString("base64"), isBase64Encoded: true }],
    ["in a body alone", { body }],
    ["in a body that is an object", { body: { migrate: true, create_kafka_topics: true } }],
    [
      "at the top of an API Gateway event",
      { httpMethod: "POST", body: null, migrate: true, create_kafka_topics: true },
    ],
  ])("carries its flags %s", (_, event) => expect(parseEvent(event)).toEqual(asked));

  it.each([
    ["a text", { reset_db: "true" }, 'reset_db is "true", not true or false'],
    ["a number", { reset_db: 1 }, "reset_db is 1, not true or false"],
    ["null", { force: null }, "force is null, not true or false"],
    ["another case", { resetDb: true }, '"resetDb" is no field of it; did you mean reset_db?'],
    ["a slip", { clear_redi: true }, "did you mean clear_redis?"],
    ["a stranger", { dropEverything: true }, '"dropEverything" is no field of it'],
    ["an array", [], "it is an array, not an object"],
    ["a text in the place of an event", "migrate", 'it is "migrate", not an object'],
    ["a body that is no JSON", { body: "migrate=true" }, "its body is no JSON"],
    ["a body in a body", { body: JSON.stringify({ body }) }, '"body" is no field of it'],
    ["a misspelt flag beside an envelope", { headers: {}, ResetDB: true }, "did you mean reset_db?"],
    [
      "two minds",
      { requestContext: {}, force: true, body: '{"force":false}' },
      "force is true beside the body and false in it",
    ],
  ])("is refused with %s", (_, event, problem) => {
    expect(() => parseEvent(event)).toThrow(expect.objectContaining({ name: "EventInvalid" }) as Error);
    expect(() => parseEvent(event)).toThrow(problem);
  });

  it("names every problem at once", () => {
    expect(() => parseEvent({ migrate: "yes", clear_db: 1, foo: 2 })).toThrow(
      'migrate is "yes", not true or false; clear_db is 1, not true or false; "foo" is no field of it. Nothing was done.',
    );
  });
});
