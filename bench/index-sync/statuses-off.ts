// The flags with which the indexer leaves request_status alone; undefined while it has none, and then only runs with statuses are measured.
export const STATUSES_OFF: readonly string[] | undefined = undefined;
