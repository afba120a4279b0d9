// The read API's thin face.
export { createMarketApi, type MarketApiDeps, type MarketApiEvent } from "./create-market-api.ts";
export { CannotListen, listen, type Listening, type ListenOptions } from "./listen.ts";
