// What of a database's URL must never be seen.
import { Secret } from "@tidegate/kernel";

/** The whole URL, and the password that may turn up alone. */
export function secretsOfUrl(url: Secret): readonly Secret[] {
  const { password } = new URL(url.reveal());
  return password === "" ? [] : [url, new Secret(decodeURIComponent(password))];
}
