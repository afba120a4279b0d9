// How long do writers pause, how much of it is our own, and how often is AWS asked for fifty services?
import { kafkaOff } from "@tidegate/kafka";
import { RUN_VARIABLE, startTestServer, URL_VARIABLE } from "@tidegate/postgres/testing";
import { redisOff } from "@tidegate/redis";
import { atMost, neverAbove, type Bar, type Bench } from "../bar.ts";
import { measureApiCalls, SERVICES, WRITERS, type CallsOfUpgrade } from "./api-calls.ts";
import { measurePauses, type PauseSample } from "./pauses.ts";

/** The issue's own bar. */
const OWN_BAR_MS = 1_000;

export const bench: Bench = async ({ isQuick }) => {
  const off = kafkaOff() ?? redisOff();
  if (off !== undefined) throw new Error(`This bench needs Kafka and Redis, and ${off.reason}. ${off.remedy}`);
  const server = await startTestServer();
  process.env[URL_VARIABLE] = server.url.reveal();
  process.env[RUN_VARIABLE] = "bench";
  try {
    const pauses = pauseBars(await measurePauses(isQuick ? 3 : 7));
    return [...pauses, ...callBars(await measureApiCalls())];
  } finally {
    await server.stop();
  }
};

function pauseBars(samples: readonly PauseSample[]): readonly Bar[] {
  const size = "the example fleet, 100 events and 20 ticks a second, a migration in each upgrade";
  const of = (name: keyof PauseSample): readonly number[] => samples.map((one) => one[name]);
  const parts = ({ drainMs, migrateMs, startMs }: PauseSample): number => drainMs + migrateMs + startMs;
  const own = samples.map((one) => one.pauseMs - parts(one));
  return [
    atMost("writers' pause beyond drain + migration + start, ms", own, size, OWN_BAR_MS),
    atMost(
      "the same of the longest silence between two releases' rows, ms",
      samples.map((one) => Math.max(0, one.silentMs - parts(one))),
      size,
      OWN_BAR_MS,
    ),
    atMost("writers' pause, ms", of("pauseMs"), size),
    atMost("silence of the writer that is silent longest, by its rows, ms", of("silentMs"), size),
    atMost("drain, ms", of("drainMs"), size),
    atMost("migration, ms", of("migrateMs"), size),
    atMost("start, ms", of("startMs"), size),
  ];
}

function callBars({ tookS, buckets }: CallsOfUpgrade): readonly Bar[] {
  const about = `${SERVICES} services, ${WRITERS} of them writers, 2 tasks each, a look every 5 s, ${Math.round(tookS)} s`;
  return buckets.flatMap(({ bucket, use, perSecond }) => {
    const size = `${about}; ${use.calls} calls, bucket of ${bucket.burst}, ${bucket.sustained} a second`;
    return [
      neverAbove(`ECS ${bucket.name}, share of the bucket that is used`, [use.fullest], size, 1),
      atMost(`ECS ${bucket.name}, calls a second`, [perSecond], size, bucket.sustained),
    ];
  });
}
