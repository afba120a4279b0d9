// Drops every schema with all that is in it and makes it again, with the owner, the grants and the extensions that it had. One transaction.
import { escapeIdentifier } from "pg";
import { queryRows, type PoolClient } from "@tidegate/postgres";
import { OWN_MIGRATION_TABLE } from "../constants.ts";
import { readSchemas } from "./read-catalog.ts";

/** Gives the schemas' names. */
export async function resetSchemas(client: PoolClient): Promise<readonly string[]> {
  const schemas = await readSchemas(client);
  // All statements are made before anything is dropped: afterwards nothing tells what there was.
  const again: string[] = [];
  for (const schema of schemas) again.push(...(await restoreStatements(client, schema)));
  // After all schemas: an extension may need one that lies in another schema.
  again.push(...(await extensionStatements(client)));
  const back = await moveOwnRecordAside(client, schemas);
  for (const schema of schemas) await queryRows(client, `DROP SCHEMA ${escapeIdentifier(schema)} CASCADE`);
  for (const statement of [...again, ...back]) await queryRows(client, statement);
  return schemas;
}

/**
 * Where the engine's journal lies in the same database, in a schema that is spared, the record of its migrations must not be lost:
 * it is moved aside, without the rows of those whose tables go, and back. Gives the statements that bring it back.
 */
async function moveOwnRecordAside(client: PoolClient, schemas: readonly string[]): Promise<readonly string[]> {
  const [record] = await queryRows<{ schema: string }>(
    client,
    `SELECT n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname = $1 AND c.relkind = 'r' AND n.nspname = ANY ($2::text[])`,
    [OWN_MIGRATION_TABLE, schemas],
  );
  if (record === undefined) return [];
  const home = escapeIdentifier(record.schema);
  await queryRows(client, `ALTER TABLE ${home}.${OWN_MIGRATION_TABLE} SET SCHEMA tidegate_bazooka`);
  await queryRows(client, `DELETE FROM tidegate_bazooka.${OWN_MIGRATION_TABLE} WHERE owner <> 'engine'`);
  return [`ALTER TABLE tidegate_bazooka.${OWN_MIGRATION_TABLE} SET SCHEMA ${home}`];
}

/** quote_ident and format do the quoting; PostgreSQL knows best. aclexplode gives one row per grantee and privilege. */
async function restoreStatements(client: PoolClient, schema: string): Promise<readonly string[]> {
  const rows = await queryRows<{ statement: string }>(
    client,
    `WITH this AS (SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = $1),
      statements AS (
        SELECT 1 AS part, format('CREATE SCHEMA %I AUTHORIZATION %I', nspname, pg_get_userbyid(nspowner)) AS statement FROM this
        UNION ALL
        SELECT 2, format('COMMENT ON SCHEMA %I IS %L', nspname, obj_description(oid, 'pg_namespace')) FROM this
         WHERE obj_description(oid, 'pg_namespace') IS NOT NULL
        UNION ALL
        SELECT 3, format('GRANT %s ON SCHEMA %I TO %s%s', a.privilege_type, nspname,
                 CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                 CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
          FROM this, aclexplode(nspacl) a WHERE a.grantee <> nspowner
        UNION ALL
        SELECT 4, format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT %s ON %s TO %s%s',
                 pg_get_userbyid(d.defaclrole), nspname, a.privilege_type,
                 CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END,
                 CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                 CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
          FROM this JOIN pg_default_acl d ON d.defaclnamespace = this.oid, aclexplode(d.defaclacl) a
      )
      SELECT statement FROM statements ORDER BY part, statement`,
    [schema],
  );
  return rows.map((row) => row.statement);
}

/**
 * All that there are, each after those that it needs; one that was not dropped is left. Those in spared schemas too: dropping what one needs
 * takes it along.
 */
async function extensionStatements(client: PoolClient): Promise<readonly string[]> {
  const rows = await queryRows<{ statement: string }>(
    client,
    `WITH RECURSIVE needs AS (
        SELECT objid AS dependent, refobjid AS needed FROM pg_depend
         WHERE classid = 'pg_extension'::regclass AND refclassid = 'pg_extension'::regclass AND deptype = 'n'),
      depths AS (
        SELECT oid, 0 AS depth FROM pg_extension
        UNION
        SELECT needs.dependent, depths.depth + 1 FROM depths JOIN needs ON needs.needed = depths.oid)
      SELECT format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', e.extname, n.nspname) AS statement
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
       ORDER BY (SELECT max(depth) FROM depths WHERE depths.oid = e.oid), e.oid`,
  );
  return rows.map((row) => row.statement);
}
