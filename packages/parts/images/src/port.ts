// The port: what a service of Tidegate may ask of whatever keeps the images of workloads, here or in ECR.

/** What to run, pinned: a tag may be moved, a digest may not. */
export interface ImageReference {
  readonly repository: string;
  readonly tag: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** What a workload or a function is given, with the digest in it: `….amazonaws.com/name@sha256:…`, `release:v2@sha256:…`. */
  readonly uri: string;
  /** ISO time. */
  readonly pushedAt?: string;
}

export interface Images {
  /** Finds what a tag of a repository stands for now. Throws RepositoryUnknown, ImageNotFound. */
  resolve(wanted: { readonly repository: string; readonly tag: string }): Promise<ImageReference>;
}
