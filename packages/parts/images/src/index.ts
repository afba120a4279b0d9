// Images: what workloads and functions are started from, pinned by digest; in ECR, or as releases of this machine.
export { ImageNotFound, ImageWithoutDigest, ReleaseTooLarge, ReleaseUnreadable, RepositoryUnknown } from "./errors.ts";
export type { ImageReference, Images } from "./port.ts";
export { createEcrImages, type EcrImagesOptions } from "./ecr/create-ecr-images.ts";
export { createReleaseImages, type ReleaseImagesOptions } from "./releases/create-release-images.ts";
export { DIGEST_LIMITS, type DigestLimits } from "./releases/digest-release.ts";
export { formatReleaseUri, parseReleaseUri } from "./releases/release-uri.ts";
