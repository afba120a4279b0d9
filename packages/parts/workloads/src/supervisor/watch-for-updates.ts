// Hearing of an update at once. Only a hint: every round looks at the files anyway, so a missed event costs 200 ms.
import { watch, type FSWatcher } from "node:fs";
import { join } from "node:path";

export interface UpdateWatch {
  /** Watches services that came since. */
  extend(services: Iterable<string>): void;
  close(): void;
}

/** Calls `onUpdate` when a service's desired.json may have changed. Where watching is not possible (inotify's limit) nothing is called. */
export function watchForUpdates(stateDir: string, onUpdate: () => void): UpdateWatch {
  const watchers = new Map<string, FSWatcher | undefined>();
  const open = (service: string): FSWatcher | undefined => {
    try {
      const watcher = watch(join(stateDir, service), (_, file) => {
        if (file === "desired.json") onUpdate();
      });
      watcher.on("error", () => watcher.close());
      watcher.unref();
      return watcher;
    } catch {
      return undefined;
    }
  };
  return {
    extend: (services) => {
      for (const service of services) if (!watchers.has(service)) watchers.set(service, open(service));
    },
    close: () => {
      for (const watcher of watchers.values()) watcher?.close();
    },
  };
}
