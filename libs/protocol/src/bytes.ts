import { ProtocolError } from './errors.js';

/**
 * Canonical bytes: every value has exactly one encoding, so that what is signed, hashed or under a
 * MAC can be rebuilt and compared byte by byte. Integers are big-endian; `lp` is u16 length, then bytes.
 */
export class ByteWriter {
  readonly #parts: Uint8Array[] = [];

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  /** A field of known width: no length goes on the wire, so the width is checked here. */
  fixed(bytes: Uint8Array, width: number): this {
    if (bytes.length !== width) throw malformed(`expected ${width} bytes, got ${bytes.length}`);
    return this.raw(bytes);
  }

  uint(value: number, width: 1 | 2 | 4 | 8): this {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** (8 * width)) {
      throw malformed(`${value} is not an unsigned integer of ${8 * width} bits`);
    }
    const bytes = new Uint8Array(width);
    let rest = value;
    for (let i = width - 1; i >= 0; i--) {
      bytes[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return this.raw(bytes);
  }

  lp(bytes: Uint8Array): this {
    return this.uint(bytes.length, 2).raw(bytes);
  }

  text(value: string): this {
    return this.lp(asciiBytes(value));
  }

  done(): Uint8Array {
    return concatBytes(...this.#parts);
  }
}

/** Reads what ByteWriter wrote; anything short, long or out of form is `malformed_message`. */
export class ByteReader {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  fixed(width: number): Uint8Array {
    const end = this.#at + width;
    if (end > this.bytes.length) throw malformed(`message ends at byte ${this.bytes.length}, expected ${end}`);
    const part = this.bytes.slice(this.#at, end);
    this.#at = end;
    return part;
  }

  uint(width: 1 | 2 | 4 | 8): number {
    let value = 0;
    for (const byte of this.fixed(width)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw malformed('integer above 2^53');
    return value;
  }

  lp(): Uint8Array {
    return this.fixed(this.uint(2));
  }

  text(): string {
    const bytes = this.lp();
    if (!bytes.every(isPrintable)) throw malformed('text is not printable ASCII');
    return String.fromCharCode(...bytes);
  }

  expect(prefix: Uint8Array, what: string): this {
    if (!equalBytes(this.fixed(prefix.length), prefix)) throw malformed(`not a ${what}`);
    return this;
  }

  get atEnd(): boolean {
    return this.#at === this.bytes.length;
  }

  end(): void {
    const left = this.bytes.length - this.#at;
    if (left !== 0) throw malformed(`${left} bytes too many`);
  }
}

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e;

const malformed = (message: string): ProtocolError => new ProtocolError('malformed_message', message);

/** Identifiers and prefixes are printable ASCII: one encoding, and no look-alike letters. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  if (bytes.length !== text.length || !bytes.every(isPrintable)) throw malformed('text is not printable ASCII');
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) !== bytes[i]) throw malformed('text is not printable ASCII');
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** For public bytes only: it stops at the first difference. Compare secrets in constant time at the edge. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
