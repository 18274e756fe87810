/** A metadata value. A plain number has no width in JavaScript, so each says how it is stored. */
export type GgufValue =
  | { readonly type: "uint32" | "int32" | "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "int32s" | "float32s"; readonly value: ArrayLike<number> };

/** A float32 tensor. `shape[0]` is the innermost dimension: a matrix that maps n inputs to m outputs has shape [n, m]. */
export interface GgufTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Product of `shape` many, outputs as rows. */
  readonly data: Float32Array;
}

const VERSION = 3;
/** Tensor data begins at, and every tensor inside it at, a multiple of so many bytes: the format's default. */
const ALIGNMENT = 32;
const TENSOR_F32 = 0;
const TYPE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

/** A growing little-endian byte string. */
function createBytes() {
  let buffer = new Uint8Array(1 << 16);
  let view = new DataView(buffer.buffer);
  let size = 0;
  /** Makes room and returns where it begins. */
  function room(count: number): number {
    if (size + count > buffer.length) {
      const larger = new Uint8Array(Math.max(buffer.length * 2, size + count));
      larger.set(buffer);
      buffer = larger;
      view = new DataView(buffer.buffer);
    }
    size += count;
    return size - count;
  }
  // `room` comes first: it may replace the buffer.
  const bytes = {
    raw(value: Uint8Array): void {
      const at = room(value.length);
      buffer.set(value, at);
    },
    uint32(value: number): void {
      const at = room(4);
      view.setUint32(at, value, true);
    },
    int32(value: number): void {
      const at = room(4);
      view.setInt32(at, value, true);
    },
    float32(value: number): void {
      const at = room(4);
      view.setFloat32(at, value, true);
    },
    bool: (value: boolean): void => bytes.raw(Uint8Array.of(value ? 1 : 0)),
    /** Counts and offsets, all below 2^32 here, are stored in 64 bits. */
    uint64(value: number): void {
      bytes.uint32(value);
      bytes.uint32(0);
    },
    string(value: string): void {
      const utf8 = new TextEncoder().encode(value);
      bytes.uint64(utf8.length);
      bytes.raw(utf8);
    },
    align: (): void => void room(-size & (ALIGNMENT - 1)),
    take: (): Uint8Array => buffer.slice(0, size),
  };
  return bytes;
}

/**
 * Writes a GGUF file, version 3, little-endian: magic, counts, metadata, tensor table, aligned tensor data.
 *
 * Source: the GGUF page of the ggml project (docs/gguf.md). Left out: types that no test needs, other alignments, quantised data.
 */
export function writeGguf(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Uint8Array {
  const bytes = createBytes();
  bytes.raw(new TextEncoder().encode("GGUF"));
  bytes.uint32(VERSION);
  bytes.uint64(tensors.length);
  bytes.uint64(Object.keys(metadata).length);
  for (const [key, entry] of Object.entries(metadata)) {
    bytes.string(key);
    writeValue(bytes, entry);
  }
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    bytes.string(name);
    bytes.uint32(shape.length);
    for (const length of shape) bytes.uint64(length);
    bytes.uint32(TENSOR_F32);
    bytes.uint64(offset);
    offset += Math.ceil(data.byteLength / ALIGNMENT) * ALIGNMENT;
  }
  bytes.align();
  for (const { data } of tensors) {
    for (const value of data) bytes.float32(value);
    bytes.align();
  }
  return bytes.take();
}

function writeValue(bytes: ReturnType<typeof createBytes>, entry: GgufValue): void {
  const array = (type: number, length: number): void => {
    bytes.uint32(TYPE.array);
    bytes.uint32(type);
    bytes.uint64(length);
  };
  switch (entry.type) {
    case "strings":
      array(TYPE.string, entry.value.length);
      for (const value of entry.value) bytes.string(value);
      return;
    case "int32s":
      array(TYPE.int32, entry.value.length);
      for (let i = 0; i < entry.value.length; i++) bytes.int32(entry.value[i]!);
      return;
    case "float32s":
      array(TYPE.float32, entry.value.length);
      for (let i = 0; i < entry.value.length; i++) bytes.float32(entry.value[i]!);
      return;
    case "string":
      bytes.uint32(TYPE.string);
      bytes.string(entry.value);
      return;
    case "bool":
      bytes.uint32(TYPE.bool);
      bytes.bool(entry.value);
      return;
    case "uint32":
    case "int32":
    case "float32":
      bytes.uint32(TYPE[entry.type]);
      bytes[entry.type](entry.value);
      return;
    default:
      entry satisfies never;
  }
}
