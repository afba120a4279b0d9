// How messages name a server: host, port and database, without user and password.
import type { Secret } from "@tidegate/kernel";

/** `127.0.0.1:5432/tidegate` for a postgres:// URL; "(not a URL)" for what is none. */
export function serverAddress(url: Secret): string {
  const text = url.reveal();
  if (!URL.canParse(text)) return "(not a URL)";
  const { hostname, port, pathname, searchParams } = new URL(text);
  return `${hostname === "" ? (searchParams.get("host") ?? "localhost") : hostname}:${port === "" ? "5432" : port}${pathname}`;
}
