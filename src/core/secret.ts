// Keeps credentials from being printed: whatever formats a Secret sees [redacted].

const REDACTED = '[redacted]';

/**
 * Text that must never be shown. Only `reveal()` gives it back, so every use is found by searching for that word.
 *
 * A class because only a private field survives `JSON.stringify`, `inspect`, string templates and object spreading.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself; call it where it goes on the wire, nowhere earlier. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}
