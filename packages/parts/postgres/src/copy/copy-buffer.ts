// Memory for a COPY stream: a list of chunks, each one a complete CopyData message, reused from batch to batch.

/** `CopyData`: byte 'd', then the length of what follows including itself. PostgreSQL documentation, "Message Formats". */
const FRAME_HEADER_BYTES = 5;
const COPY_DATA = 0x64;

/** Room kept at the end of every chunk for the two bytes that end the stream. */
const TRAILER_BYTES = 2;

/** Chunks of the standard size that are kept by `clear` (with 256 KiB each: 64 MiB). */
const KEPT_CHUNKS = 256;

export interface Chunk {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** First free byte. */
  end: number;
}

export interface CopyBuffer {
  /** The chunk to write to, with room for `bytes` in one piece at its `end`. */
  room(bytes: number): Chunk;
  /** Bytes written, without message headers. */
  readonly byteLength: number;
  /** The messages written so far, followed by the end-of-data marker. They share memory with the buffer. */
  frames(): readonly Uint8Array[];
  /** Empties it. The memory is written again: whoever sends frames must be done with them. */
  clear(): void;
}

export function createCopyBuffer(chunkBytes: number): CopyBuffer {
  let current = createChunk(chunkBytes);
  let sealed: Chunk[] = [];
  const free: Chunk[] = [];

  const room = (bytes: number): Chunk => {
    if (current.end + bytes + TRAILER_BYTES <= current.bytes.length) return current;
    sealed.push(current);
    const needed = bytes + FRAME_HEADER_BYTES + TRAILER_BYTES;
    current = needed > chunkBytes ? createChunk(needed) : (free.pop() ?? createChunk(chunkBytes));
    return current;
  };

  const frames = (): readonly Uint8Array[] => {
    current.view.setInt16(current.end, -1);
    return [...sealed.map((chunk) => frame(chunk, 0)), frame(current, TRAILER_BYTES)];
  };

  const clear = (): void => {
    for (const chunk of [...sealed, current]) {
      chunk.end = FRAME_HEADER_BYTES;
      if (chunk.bytes.length === chunkBytes && free.length < KEPT_CHUNKS) free.push(chunk);
    }
    sealed = [];
    current = free.pop() ?? createChunk(chunkBytes);
  };

  return {
    room,
    frames,
    clear,
    get byteLength() {
      return sealed.reduce((sum, chunk) => sum + payload(chunk), payload(current));
    },
  };
}

function createChunk(bytes: number): Chunk {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  return { bytes: buffer, view: new DataView(buffer.buffer, buffer.byteOffset, bytes), end: FRAME_HEADER_BYTES };
}

function payload(chunk: Chunk): number {
  return chunk.end - FRAME_HEADER_BYTES;
}

function frame(chunk: Chunk, trailerBytes: number): Uint8Array {
  const end = chunk.end + trailerBytes;
  chunk.bytes[0] = COPY_DATA;
  chunk.view.setInt32(1, end - 1);
  return chunk.bytes.subarray(0, end);
}
