// What the command line says and to whom: data to stdout, talk to stderr, colour only where a person looks.
import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

export interface Terminal {
  /** Data: one line to stdout. */
  data(line: string): void;
  /** Talk: one line to stderr. */
  talk(line: string): void;
  /** A line that replaces the last one drawn so; on anything but a terminal it is dropped. */
  draw(line: string): void;
  /** Ends drawing, so that the next line stands alone. */
  drawn(): void;
  /** Styled for stderr, plain when it is no terminal or colour is off. */
  readonly style: (style: Style, text: string) => string;
  readonly isInteractive: boolean;
  /** Whether somebody can be asked: stdin and stderr are both a terminal. */
  readonly canAsk: boolean;
  /** Asks on stderr and reads a line of stdin. */
  ask(question: string): Promise<string>;
  /** Where frames are drawn. */
  readonly screen: Pick<NodeJS.WriteStream, "write">;
  size(): { readonly columns: number; readonly rows: number };
}

export interface TerminalOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Colour is off with NO_COLOR, TERM=dumb, `--no-color` (which sets NO_COLOR) or when stderr is no terminal. */
export function createTerminal(options: TerminalOptions): Terminal {
  const { stdout, stderr, env } = options;
  const isInteractive = stderr.isTTY && env["TERM"] !== "dumb";
  const hasColour = isInteractive && (env["NO_COLOR"] ?? "") === "";
  let hasDrawn = false;

  const drawn = (): void => {
    if (hasDrawn) stderr.write("\n");
    hasDrawn = false;
  };
  return {
    isInteractive,
    canAsk: isInteractive && process.stdin.isTTY,
    screen: stderr,
    size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
    ask: async (question) => {
      const lines = createInterface({ input: process.stdin, output: stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
    data: (line) => {
      drawn();
      stdout.write(`${line}\n`);
    },
    talk: (line) => {
      drawn();
      stderr.write(`${line}\n`);
    },
    draw: (line) => {
      if (!isInteractive) return;
      stderr.write(`\r\u001b[2K${line.slice(0, Math.max(20, stderr.columns - 1))}`);
      hasDrawn = true;
    },
    drawn,
    style: (style, text) => (hasColour ? styleText(style, text, { validateStream: false }) : text),
  };
}
