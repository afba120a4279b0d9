// Many digests or ids as one parameter: 32 bytes each, one after the other. As an array each would be a text, written here and read there.

const WORD_BYTES = 32;

export function packWords(words: readonly Buffer[]): Buffer {
  return Buffer.concat(words, words.length * WORD_BYTES);
}

/** A table of one column, `word`, in their order; `parameter` is "$1". */
export function unpackedWords(parameter: string): string {
  return `(select substr(${parameter}::bytea, n * ${WORD_BYTES} + 1, ${WORD_BYTES}) as word
    from generate_series(0, octet_length(${parameter}::bytea) / ${WORD_BYTES} - 1) as n)`;
}
