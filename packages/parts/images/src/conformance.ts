// What every adapter of the port must do, run against each of them, the releases of this machine and ECR alike.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ImageNotFound, RepositoryUnknown } from "./errors.ts";
import type { Images } from "./port.ts";

/** The repository has two images with the tags `first` and `second`; a third tag, `movable`, stands for what `first` stands for. */
export interface ImagesHarness {
  readonly images: Images;
  readonly repository: string;
  readonly tags: { readonly first: string; readonly second: string; readonly movable: string };
  /** Makes `movable` stand for another image than before. */
  readonly moveTag: () => Promise<void>;
  /** The digest behind a tag, found out without the adapter. */
  readonly digestOutside: (tag: string) => Promise<string>;
  /** Takes everything away and throws when something is left. */
  readonly close: () => Promise<void>;
}

export interface ConformanceOptions {
  readonly adapter: string;
  readonly open: () => Promise<ImagesHarness>;
  /** Says why the whole suite cannot run here; undefined when it can. */
  readonly unavailable?: string | undefined;
}

/** Defines the suite. */
export function imagesConformance(options: ConformanceOptions): void {
  describe(`the port of images: ${options.adapter}`, () => {
    let harness: ImagesHarness;
    beforeAll(async () => {
      if (options.unavailable === undefined) harness = await options.open();
    });
    afterAll(async () => {
      if (options.unavailable === undefined) await harness.close();
    });
    beforeEach((context) => {
      context.skip(options.unavailable !== undefined, options.unavailable);
    });
    const resolve = async (tag: string) => harness.images.resolve({ repository: harness.repository, tag });

    it("pins what a tag stands for, by digest", async () => {
      const { repository, tags } = harness;
      const image = await resolve(tags.first);
      expect(image).toMatchObject({ repository, tag: tags.first, digest: await harness.digestOutside(tags.first) });
      expect(image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(image.uri.endsWith(`@${image.digest}`)).toBe(true);
      expect(Number.isNaN(Date.parse(image.pushedAt ?? new Date(0).toISOString()))).toBe(false);
    });

    it("answers the same as long as nothing changes", async () => {
      expect(await resolve(harness.tags.first)).toEqual(await resolve(harness.tags.first));
    });

    it("tells two images apart", async () => {
      const [first, second] = await Promise.all([resolve(harness.tags.first), resolve(harness.tags.second)]);
      expect(second.digest).toBe(await harness.digestOutside(harness.tags.second));
      expect(second.digest).not.toBe(first.digest);
      expect(second.uri).not.toBe(first.uri);
    });

    it("sees that a tag was moved: the uri of before is not the uri of now", async () => {
      const before = await resolve(harness.tags.movable);
      await harness.moveTag();
      const after = await resolve(harness.tags.movable);
      expect(after.digest).not.toBe(before.digest);
      expect(after.uri).not.toBe(before.uri);
    });

    it("says that a tag is not there, with the repository and the tag", async () => {
      const failure = await resolve("no-such-tag").catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ImageNotFound);
      expect((failure as ImageNotFound).message).toContain(harness.repository);
      expect((failure as ImageNotFound).message).toContain("no-such-tag");
    });

    it("says that a repository is not there, whatever the tag", async () => {
      for (const tag of [harness.tags.first, "no-such-tag"]) {
        const failure = await harness.images
          .resolve({ repository: "no-such-repository", tag })
          .catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(RepositoryUnknown);
        expect((failure as RepositoryUnknown).message).toContain("no-such-repository");
      }
    });
  });
}
