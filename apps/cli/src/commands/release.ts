// `tidegate release`: writes a release of this checkout and these settings, for `tidegate upgrade`. Nothing is started or changed.
import { EXIT, TidegateError, type ExitCode } from "@tidegate/kernel";
import { readInstallation, type CommandInput } from "../installation/command-input.ts";
import { readInstalled } from "../installation/installed.ts";
import { writeRelease } from "../installation/write-release.ts";

class TagInvalid extends TidegateError {
  override readonly name = "TagInvalid";
  constructor(facts: { readonly tag: string }) {
    super({
      code: "usage.tag-invalid",
      message: `"${facts.tag}" is no tag of a release. Nothing was written.`,
      remedy: "Use letters, digits, dots, dashes and underscores, at most 128, beginning with a letter or digit.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

/** The tag on stdout. */
export function release(input: CommandInput & { readonly tag: string | undefined }): ExitCode {
  const { terminal, tag } = input;
  if (tag !== undefined && !/^[A-Za-z0-9][\w.-]{0,127}$/.test(tag)) throw new TagInvalid({ tag });
  const installation = readInstallation(input);
  const made = writeRelease(installation, readInstalled(installation.paths.home).off, tag);
  if (input.isJson) terminal.data(JSON.stringify({ tag: made.tag, services: Object.keys(made.services) }));
  else terminal.data(made.tag);
  terminal.talk(`Upgrade to it with: tidegate upgrade plan --upgrade-tag ${made.tag}`);
  return EXIT.ok;
}
