// The sending thread of the operation `prepare`.
import { serveStretches } from "./serve-stretches.ts";

serveStretches();
