// The sending of orders alone, for the process that is measured.
export { toTask } from "../orders/worker/messages.ts";
export { sendInWorker } from "../orders/worker/send-in-worker.ts";
