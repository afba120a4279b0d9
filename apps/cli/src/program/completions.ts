// `tidegate completions`: a script for a shell, made from the commands themselves.
import type { Command } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** By the words before the cursor ("", "runs", "runs ls"): what may come next. */
export function completionWords(program: Command): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, readonly string[]>();
  const walk = (command: Command, path: readonly string[]): void => {
    const commands = command.commands.map((one) => one.name());
    const flags = command.options.flatMap((one) => (one.long === undefined || one.long === null ? [] : [one.long]));
    words.set(path.join(" "), [...commands, ...flags]);
    for (const one of command.commands) walk(one, [...path, one.name()]);
  };
  walk(program, []);
  return words;
}

/** The bash script works in zsh too, through bashcompinit. */
export function completionScript(shell: Shell, words: ReadonlyMap<string, readonly string[]>): string {
  if (shell === "fish") return fishScript(words);
  const cases = [...words].map(([path, next]) => `    '${path}') next='${next.join(" ")}' ;;`);
  const bash = [
    "_tidegate() {",
    '  local path="" next="" word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$word" in -*) ;; *) path="${path:+$path }$word" ;; esac',
    "  done",
    '  case "$path" in',
    ...cases,
    "    *) next='' ;;",
    "  esac",
    '  COMPREPLY=($(compgen -W "$next" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -F _tidegate tidegate ./tidegate",
  ];
  return [...(shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : []), ...bash].join("\n");
}

function fishScript(words: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...words].flatMap(([path, next]) => {
    const parts = path === "" ? [] : path.split(" ");
    const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`).join("; and ");
    const when = seen === "" ? "__fish_use_subcommand" : seen;
    const commands = next.filter((word) => !word.startsWith("--"));
    const flags = next
      .filter((word) => word.startsWith("--"))
      .map((word) => `complete -c tidegate -n '${when}' -l ${word.slice(2)}`);
    return [
      ...(commands.length === 0 ? [] : [`complete -c tidegate -f -n '${when}' -a '${commands.join(" ")}'`]),
      ...flags,
    ];
  });
  return lines.join("\n");
}
