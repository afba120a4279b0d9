// The read API's thin face.
export { createMarketApi, type MarketApiDeps, type MarketApiEvent } from "./create-market-api.ts";
export { listen, type Listening } from "./listen.ts";
