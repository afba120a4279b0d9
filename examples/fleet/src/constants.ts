// What the fleet's services and topics are called.

export const SERVICES = ["comlink", "ender", "roundtable", "socks", "vulcan"] as const;

export type ServiceName = (typeof SERVICES)[number];

/** Without the prefix of FLEET_TOPIC_PREFIX. Names as the document of Bazooka has them. */
export const ENDER_TOPIC = "to-ender";
export const VULCAN_TOPIC = "to-vulcan";
export const TRADES_TOPIC = "to-websockets-trades";

export const FAULTS = ["crash-at-start", "never-healthy"] as const;

/** What a faulty release does: ends before it serves anything, or serves `/health` with 503 for ever and does no work. */
export type Fault = (typeof FAULTS)[number];
