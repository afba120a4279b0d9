// Files that are there whole or not at all, whenever the writer is killed.
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a temporary file beside `file` and renames it into place. With `toDisk` it also survives a loss of power: file
 * and folder are flushed. The temporary name is fixed, so there must be one writer at a time, and a killed one leaves
 * nothing behind that the next does not overwrite.
 */
export function writeAtomically(file: string, text: string, options: { readonly toDisk: boolean }): void {
  const temporary = `${file}.tmp`;
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    if (options.toDisk) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  if (options.toDisk) flushFolder(dirname(file));
}

function flushFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
