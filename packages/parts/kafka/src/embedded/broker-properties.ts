// The settings of an embedded broker: one node that is broker and controller, on loopback.

export interface BrokerPlace {
  /** Holds the log segments; survives restarts. */
  readonly dataDir: string;
  readonly port: number;
  readonly controllerPort: number;
  /** Default 1. */
  readonly nodeId?: number;
  /** Controllers of the cluster, `id@host:port`; default this node alone. */
  readonly voters?: readonly string[];
  /** More lines, or others in the place of these. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Source of the names: Apache Kafka documentation, "Broker Configs" and "KRaft". */
export function brokerProperties(place: BrokerPlace): string {
  const nodeId = place.nodeId ?? 1;
  const voters = place.voters ?? [`${nodeId}@127.0.0.1:${place.controllerPort}`];
  const settings: Readonly<Record<string, string | number>> = {
    "process.roles": "broker,controller",
    "node.id": nodeId,
    "controller.quorum.voters": voters.join(","),
    listeners: `PLAINTEXT://127.0.0.1:${place.port},CONTROLLER://127.0.0.1:${place.controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${place.port}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": place.dataDir,
    // As in production: a topic that nobody created is a mistake.
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": Math.min(3, voters.length),
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.replication.factor": Math.min(3, voters.length),
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    // A killed broker may register again only when its old session has ended: 9 s by default.
    "broker.session.timeout.ms": 2_000,
    "broker.heartbeat.interval.ms": 500,
    // Hundreds of partitions on one machine: small indexes, and no preallocation worth noticing.
    "log.index.size.max.bytes": 1_048_576,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "log.cleaner.dedupe.buffer.size": 33_554_432,
    ...place.extra,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
