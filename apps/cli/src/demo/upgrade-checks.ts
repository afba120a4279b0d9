// What must hold after the upgrades, seen from outside: the ledger on disk, Kafka's own offsets, psql and curl.
import type { Check } from "./chapter.ts";
import type { KafkaTools } from "./kafka-tools.ts";
import type { OutsideClients } from "./outside-clients.ts";
import type { ExampleFleet } from "./upgrade-fleet.ts";
import { readLedgerIds, type LedgerIds } from "./upgrade-ledger.ts";

export interface FleetLook {
  readonly clients: OutsideClients;
  readonly kafka: KafkaTools;
  readonly databaseUrl: string;
  readonly fleet: ExampleFleet;
}

export async function checkWrites(look: FleetLook): Promise<readonly Check[]> {
  const { clients, databaseUrl, fleet } = look;
  const idsOf = async (table: string): Promise<readonly string[]> =>
    (await clients.sql(databaseUrl, `select id from ${table}`)).map(([id = ""]) => id);
  // Roundtable goes on: what it commits after this is not asked for, what it wrote before the last look was sent.
  const committed = readLedgerIds(fleet.ledgerDir, "tick").accepted;
  const ticks = await idsOf("ticks");
  const { sent } = readLedgerIds(fleet.ledgerDir, "tick");
  return [
    compare("every event that Kafka acknowledged is in the database once", {
      ledger: readLedgerIds(fleet.ledgerDir, "event"),
      stored: await idsOf("events"),
    }),
    await checkOffsets(look),
    compare("every tick that was committed is there once", { ledger: { sent, accepted: committed }, stored: ticks }),
  ];
}

function compare(
  claim: string,
  { ledger, stored }: { readonly ledger: LedgerIds; readonly stored: readonly string[] },
): Check {
  const rows = new Set(stored);
  const missing = [...ledger.accepted].filter((id) => !rows.has(id)).length;
  const unknown = [...rows].filter((id) => !ledger.sent.has(id)).length;
  const doubled = stored.length - rows.size;
  const seen = `${ledger.accepted.size} in the ledger, ${stored.length} rows`;
  const holds = missing + unknown + doubled === 0 && rows.size > 0;
  return {
    claim,
    holds,
    seen: holds ? seen : `${seen}; ${missing} missing, ${doubled} doubled, ${unknown} that nobody sent`,
  };
}

async function checkOffsets({ clients, kafka, databaseUrl }: FleetLook): Promise<Check> {
  const { low = 0, high = 0 } = (await kafka.topics()).get("to-ender") ?? {};
  const [[places = "0"] = []] = await clients.sql(
    databaseUrl,
    `select count(distinct (kafka_partition, kafka_offset)) from
       (select kafka_partition, kafka_offset from events union all select kafka_partition, kafka_offset from skipped_records) as records`,
  );
  return {
    claim: "every record of to-ender was read, and none is left out",
    holds: high > 0 && Number(places) === high - low,
    seen: `offsets ${low} to ${high}, ${places} of them in the database`,
  };
}

const SPANS = `select version, min(at)::text, max(at)::text, (extract(epoch from min(at) - lag(max(at)) over (order by min(at))) * 1000)::int, count(*)
  from (select writer_version as version, written_at as at from events union all select writer_version, written_at from ticks) as writes
  group by version order by min(at)`;

/** Also the pause between two versions, by the rows. */
export async function checkVersions({ clients, databaseUrl }: FleetLook, versions: readonly string[]): Promise<Check> {
  const spans = await clients.sql(databaseUrl, SPANS);
  const seen = spans.map(([version = "", , , pauseMs = ""]) =>
    pauseMs === "" || pauseMs === "null" ? version : `${version} ${pauseMs} ms later`,
  );
  const isInOrder = versions.length === spans.length && versions.every((one, index) => spans[index]?.[0] === one);
  const areApart = spans.slice(1).every(([, , , pauseMs]) => Number(pauseMs) > 0);
  return { claim: "no two versions wrote at once", holds: isInOrder && areApart, seen: seen.join(", ") };
}

/** One Ender and two Roundtables, by their own addresses and by who wrote lately. */
export async function checkWriters({ clients, databaseUrl, fleet }: FleetLook, version: string): Promise<Check> {
  const healthOf = async (port: number): Promise<string> => {
    const answer = (await clients.get(`http://127.0.0.1:${port}/health`).catch(() => ({}))) as {
      readonly status?: string;
      readonly version?: string;
    };
    return `${answer.version ?? "nobody"} ${answer.status ?? "there"}`;
  };
  const wanted = [fleet.portOf("ender"), fleet.portOf("roundtable"), fleet.portOf("roundtable", 1)];
  const there = await Promise.all(wanted.map(healthOf));
  const next = await Promise.all([fleet.portOf("ender", 1), fleet.portOf("roundtable", 2)].map(healthOf));
  const lately = await clients.sql(
    databaseUrl,
    "select distinct writer_version, writer_instance from ticks where written_at > clock_timestamp() - interval '2 seconds'",
  );
  const holds =
    there.every((one) => one === `${version} healthy`) &&
    next.every((one) => one === "nobody there") &&
    lately.length === 2 &&
    lately.every(([one]) => one === version);
  return {
    claim: "the writers run at their counts: one Ender, two Roundtables",
    holds,
    seen: `${there.join(", ")}; ${lately.length} Roundtables wrote in the last two seconds`,
  };
}
