// Who works on the database now, and who has its migrations locked, in sentences for a plan. Reads only.
import type { Queryable } from "@tidegate/postgres";
import { isDatabaseHeld } from "../database/database-lock.ts";
import { describeHolder, readHolder } from "../database/holder.ts";
import { readKnexFlag } from "./knex-flag.ts";

export async function readHolders(client: Queryable): Promise<readonly string[]> {
  const holder = describeHolder(await readHolder(client));
  const isHeld = await isDatabaseHeld(client);
  const { isSet, isOurs } = await readKnexFlag(client);
  return [
    ...(isHeld ? [`Somebody works on this database now: ${holder}. It is waited for, 30 s at a time.`] : []),
    ...(isSet && !isOurs
      ? [
          "The migrations are locked: by a program that leaves no name or time (plain Knex). `tidegate run unlock` releases it.",
        ]
      : []),
    ...(isSet && isOurs && !isHeld
      ? [`A run that was cut off has left the migrations locked (${holder}): the next one frees them.`]
      : []),
  ];
}
