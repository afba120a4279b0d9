// From a log to the parameters of its event.
import { compileReader, type Read } from "./compile-reader.ts";
import { AbiDecodeError } from "./errors.ts";
import { hexToBuffer } from "./hex.ts";
import type { AbiEvent, EventFields, EventValues } from "./members.ts";
import type { Source } from "./read-word.ts";

/** What of a log counts for decoding; topics and data are "0x…". */
export interface EncodedEvent {
  readonly topics: readonly string[];
  readonly data: string | Buffer;
}

interface Step {
  readonly name: string;
  readonly inTopic: boolean;
  readonly at: number;
  readonly read: Read;
}

/** Compiles a decoder of logs of this event; strict like `compileDecoder`, and the topics must be the event's. */
export function compileEventDecoder<F extends EventFields>(event: AbiEvent<F>): (log: EncodedEvent) => EventValues<F> {
  const steps = compileSteps(event.fields);
  const topicCount = 1 + steps.filter((step) => step.inTopic).length;
  return (log) => {
    if (log.topics[0] !== event.topic0 || log.topics.length !== topicCount) {
      throw new AbiDecodeError({ path: "topics", reason: `are not those of ${event.signature}` });
    }
    const topics = topicSource(log.topics);
    const data = typeof log.data === "string" ? hexToBuffer(log.data, "data") : log.data;
    const body: Source = { data, unread: data.length };
    const value: Record<string, unknown> = {};
    for (const { name, inTopic, at, read } of steps) value[name] = read(inTopic ? topics : body, 0, at);
    return value as EventValues<F>;
  };
}

function compileSteps(fields: EventFields): Step[] {
  let topicAt = 0;
  let headAt = 0;
  return Object.entries(fields).map(([name, field]) => {
    if ("indexed" in field) {
      const step = { name, inTopic: true, at: topicAt, read: compileReader(field.indexed, name) };
      topicAt += 32;
      return step;
    }
    const step = { name, inTopic: false, at: headAt, read: compileReader(field, name) };
    headAt += field.headBytes;
    return step;
  });
}

/** The indexed parameters one after the other. */
function topicSource(topics: readonly string[]): Source {
  const data = Buffer.allocUnsafe((topics.length - 1) * 32);
  for (let index = 1; index < topics.length; index++) {
    const topic = topics[index] ?? "";
    // Node stops at the first character that is no digit.
    const isWhole = topic.length === 66 && topic.startsWith("0x");
    if (!isWhole || data.write(topic.slice(2), (index - 1) * 32, "hex") !== 32) {
      throw new AbiDecodeError({ path: `topics[${index}]`, reason: "is not 32 bytes" });
    }
  }
  return { data, unread: data.length };
}
