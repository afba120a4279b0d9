// How the embedded server is run: on loopback, its data in one folder.

/** Source of the names: Redis documentation, "Redis configuration". Appends are synced every second: a kill of the process loses nothing. */
export function serverArguments({ dataDir, port }: { readonly dataDir: string; readonly port: number }): string[] {
  const settings: Readonly<Record<string, string>> = {
    bind: "127.0.0.1",
    port: String(port),
    dir: dataDir,
    appendonly: "yes",
    appendfsync: "everysec",
    save: "",
    daemonize: "no",
    "protected-mode": "yes",
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}
