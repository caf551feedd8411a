const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Bytes of a protobuf message, written field by field in the order of the calls. */
export class FileBytes {
  readonly #bytes: number[] = [];

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  append(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  varint(field: number, value: number | bigint): this {
    this.#tag(field, WIRE.varint);
    this.#varint(BigInt(value));
    return this;
  }

  varints(field: number, values: readonly (number | bigint)[], packed = true): this {
    if (!packed) {
      for (const value of values) this.varint(field, value);
      return this;
    }
    const body = new FileBytes();
    for (const value of values) body.#varint(BigInt(value));
    return this.message(field, body);
  }

  float(field: number, value: number): this {
    this.#tag(field, WIRE.fixed32);
    return this.append(new Uint8Array(Float32Array.of(value).buffer));
  }

  floats(field: number, values: readonly number[], packed = true): this {
    if (packed) return this.bytes(field, new Uint8Array(Float32Array.from(values).buffer));
    for (const value of values) this.float(field, value);
    return this;
  }

  doubles(field: number, values: readonly number[], packed = true): this {
    if (packed) return this.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
    for (const value of values) {
      this.#tag(field, WIRE.fixed64);
      this.append(new Uint8Array(Float64Array.of(value).buffer));
    }
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, body: FileBytes): this {
    return this.bytes(field, body.toBytes());
  }

  bytes(field: number, body: Uint8Array): this {
    this.#tag(field, WIRE.bytes);
    this.#varint(BigInt(body.length));
    return this.append(body);
  }

  #tag(field: number, wire: number): void {
    this.#varint(BigInt(field * 8 + wire));
  }

  /** Negative numbers take ten bytes, as two's complement of 64 bits. */
  #varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.#bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#bytes.push(Number(rest));
  }
}
