// A chapter of the tour: something that the product does, done for real, and the checks of what came out.

export interface Check {
  /** What is claimed, in words: "every RequestLocked on the chain is a row". */
  readonly claim: string;
  readonly holds: boolean;
  /** What the outside client saw. */
  readonly seen: string;
}

export interface ChapterInput {
  /** Tells the person who watches what is happening. */
  readonly tell: (line: string) => void;
  readonly isSabotaged: boolean;
}

export interface Chapter {
  readonly name: string;
  readonly title: string;
  run(input: ChapterInput): Promise<readonly Check[]>;
}
