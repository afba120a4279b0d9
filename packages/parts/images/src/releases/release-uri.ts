// How an image of this machine is written: `release:<tag>@sha256:<64 hexadecimal digits>`.

/** Tags become folder names, so they are kept plain; the form of @tidegate/workloads. */
const TAG = /^[A-Za-z0-9][\w.-]{0,127}$/;
const RELEASE_URI = /^release:([A-Za-z0-9][\w.-]{0,127})@(sha256:[0-9a-f]{64})$/;

/** Whether a text can be the tag of a release. */
export function isReleaseTag(text: string): boolean {
  return TAG.test(text);
}

/** The uri of a release whose folder has this digest. */
export function formatReleaseUri(release: { readonly tag: string; readonly digest: string }): string {
  return `release:${release.tag}@${release.digest}`;
}

/** Tag and digest of a release's uri; undefined when the text is none. */
export function parseReleaseUri(uri: string): { readonly tag: string; readonly digest: string } | undefined {
  const [, tag, digest] = RELEASE_URI.exec(uri) ?? [];
  return tag === undefined || digest === undefined ? undefined : { tag, digest };
}
