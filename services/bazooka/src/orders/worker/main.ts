// The sending thread of the operation `prepare`.
import { performTask } from "./perform-task.ts";

await performTask();
