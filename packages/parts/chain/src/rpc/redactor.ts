// Providers repeat the API key in their own messages ("project id abc… does not exist"): it is taken out of them.

/** A function that takes out of a text what can be secret in the URL: long path segments, query values, user, password. */
export function createRedactor(url: URL): (text: string) => string {
  const credentials = [url.username, url.password].flatMap((part) => [part, decodeURIComponent(part)]);
  const segments = url.pathname.split("/").filter((segment) => segment.length >= 12);
  const secrets = [...segments, ...[...credentials, ...url.searchParams.values()].filter((part) => part.length >= 4)];
  return (text) => secrets.reduce((redacted, secret) => redacted.replaceAll(secret, "***"), text);
}
