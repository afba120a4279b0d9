// Process `traffic`: the outside world of the fleet, with its ledger. Started by a test or a demo, never part of a release.
import { randomBytes } from "node:crypto";
import {
  createLogger,
  loadSettings,
  runProgram,
  seededRandom,
  systemClock,
  type Logger,
  type Shutdown,
} from "@tidegate/kernel";
import { ENDER_TOPIC } from "../constants.ts";
import { openSender } from "../kafka/open-sender.ts";
import { openLedger } from "../ledger/ledger.ts";
import { keepTrying, sleepUnlessStopped } from "../service/keep-trying.ts";
import { serveHttp } from "../service/serve-http.ts";
import { followSocks, type FollowTotals } from "./follow-socks.ts";
import { dueMessages, makeMessage } from "./make-messages.ts";
import { readComlink, type ReadTotals } from "./read-comlink.ts";
import { sendMessages, type SendDeps } from "./send-messages.ts";
import { trafficSettings } from "./settings.ts";

const AT = "traffic";
/** Messages are sent in batches, one after the other, about so often. */
const BATCH_EVERY_MS = 20;

async function main(logger: Logger, shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings(trafficSettings, { argv: process.argv.slice(2), env: process.env });
  const { brokers, topicPrefix } = values;
  const { signal } = shutdown;
  const sent = { messages: 0, accepted: 0 };
  const reads: ReadTotals = { requests: 0, atOnce: 0, cured: 0, failed: 0, longestOutageMs: 0 };
  const follows: FollowTotals = { connections: 0, trades: 0, byVersion: {} };
  const totals = () => ({ ...sent, reads, follows });
  const http = await serveHttp(values.port, async () => ({ status: 200, body: { status: "healthy", ...totals() } }));
  shutdown.onClose("http", http.drain);

  const ledger = await openLedger(values.ledgerDir, AT);
  shutdown.onClose("ledger", () => ledger.close());
  const sender = openSender({ brokers, clientId: AT });
  shutdown.onClose("sender", () => sender.close());
  const topic = topicPrefix + ENDER_TOPIC;
  const deps = { sender, topic, partitions: await sender.partitions(topic), ledger, clock: systemClock };
  logger.info(AT, "traffic is up", {
    port: http.port,
    topic,
    rate: values.rate,
    seed: values.seed,
    ledger: ledger.path,
  });

  const { comlink, socks } = values;
  const working = Promise.all([
    produce({ ...deps, rate: values.rate, seed: values.seed, sent, signal, logger }),
    ...(comlink === undefined
      ? []
      : Array.from({ length: values.readers }, async () =>
          readComlink(
            {
              url: comlink.replace(/\/$/, ""),
              everyMs: values.readEveryMs,
              limitMs: values.readLimitMs,
              signal,
              onTrouble: async (line) => ledger.flush([line]),
            },
            reads,
          ),
        )),
    ...(socks === undefined ? [] : [followSocks(socks, signal, follows)]),
  ]);
  // Closed first: the batch under way is acknowledged and in the ledger before the ledger is closed.
  shutdown.onClose("work", async () => {
    await working.catch(() => undefined);
  });
  await working;
  logger.info(AT, "traffic ended", totals());
}

interface ProduceOptions extends SendDeps {
  readonly rate: number;
  readonly seed: number;
  readonly sent: { messages: number; accepted: number };
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** A batch whose outcome is unknown is not sent again: its messages may be there. */
async function produce({ rate, seed, sent, signal, logger, ...deps }: ProduceOptions): Promise<void> {
  const random = seededRandom(seed);
  const session = randomBytes(4).toString("hex");
  const begun = systemClock.monotonicMs();
  await keepTrying(
    async (succeeded) => {
      const due = dueMessages({ rate, elapsedMs: systemClock.monotonicMs() - begun, sent: sent.messages });
      const messages = Array.from({ length: due }, () =>
        makeMessage(random, `${session}-${++sent.messages}`, new Date()),
      );
      if (due > 0) {
        await sendMessages(deps, messages);
        sent.accepted += due;
        succeeded();
      }
      await sleepUnlessStopped(systemClock, BATCH_EVERY_MS, signal);
    },
    { at: AT, logger, signal, giveUpAfterMs: 600_000 },
  );
}

const logger = createLogger({ service: "traffic" });
await runProgram({ logger, at: AT, main: (shutdown) => main(logger, shutdown) });
