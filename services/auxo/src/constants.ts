// What Auxo works on where no other fleet is configured. Source: the document, "Constants" and "Processing Flow".

export const SERVICE = "auxo";

export const BAZOOKA_LAMBDA_FUNCTION_NAME = "bazooka_lambda_function";

export const ECS_SERVICE_NAMES = ["comlink", "ender", "roundtable", "socks", "vulcan"] as const;

/** The services that write to the database. */
export const ECS_DB_WRITER_SERVICE_NAMES = ["ender", "roundtable"] as const;

/** The document's event, field by field. */
export const DOCUMENT_FIELDS = [
  "upgrade_tag",
  "prefix",
  "region",
  "regionAbbrev",
  "addNewKafkaTopics",
  "onlyRunDbMigrationAndCreateKafkaTopics",
] as const;

/** Ours beside them; without them an event behaves as the document says. */
export const OPTION_FIELDS = ["fleet", "rollback", "onFailedMigration", "gate"] as const;

/** What a service's desired count was before it was stopped. The tag is the infrastructure's own. */
export const COUNT_TAG = "DesiredCount";
