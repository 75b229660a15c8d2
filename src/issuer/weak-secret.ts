// Which HMAC secrets somebody could guess: whoever knows one can make tokens.

const MIN_BYTES = 32;
const MIN_DISTINCT_BYTES = 8;
/** 32 random digits have 106 bits, 32 random hexadecimal ones 128; sentences and walks over the keyboard have fewer. */
const MIN_BITS = 75;

/** Secrets from tutorials and specifications, which people paste; each looks strong by itself. */
const PUBLISHED: ReadonlySet<string> = new Set([
  'a-string-secret-at-least-256-bits-long',
  'your-256-bit-secret',
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  '404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970',
  '5367566b59703373367639792f423f4528482b4d6251655468576d5a71347437',
  '586e3272357538782f413f4428472b4b6250655368566b597033733676397924',
  '9a4f2c8d3b7a1e6f45c8a0b3f267d8b1d4e6f3c8a9d2b5f8e3a9c8b5f6v8a3d9',
  'aym1sysppbydfgzld3umj1qzkobwvmkoqq-estjqlr_t-1qs0gzh75aktmn3yj0ips4hcguutwjazzr1z9caow',
  'hjtxizk2usn5kbqfbttnwbpdmhkv8fjg-onbc6mxccyg',
  'hjtxiz2usn5kbqfbttnwbpdmhkv8fjg-onbc6mxccyg',
]);

const WORDS =
  /^(?:secret|password|passwort|passphrase|kubehook|kubernetes|kube|changeme|change|me|please|default|example|test|token|admin|root|hmac|jwt|key|shared|super|your|my|this|is|the|a|very|long|insecure|do|not|use|in|production|letmein|qwerty|abcdefghijklmnopqrstuvwxyz|abc)+$/;

/** Why this secret is weak, completing "the secret …"; undefined when it is not. Never quotes it. */
export function weakness(secret: string): string | undefined {
  return shapeWeakness(secret) ?? hiddenWeakness(secret);
}

function shapeWeakness(secret: string): string | undefined {
  const bytes = Buffer.from(secret);
  if (bytes.length < MIN_BYTES) return `has fewer than ${MIN_BYTES} bytes`;
  if (PUBLISHED.has(secret.trim().toLowerCase())) return 'is published as an example';
  if (new Set(bytes).size < MIN_DISTINCT_BYTES) return 'repeats a few characters';
  if (isRepeated(secret)) return 'is one short piece over and over';
  if (isWellKnown(secret)) return 'consists of well-known words';
  return bitsOf(secret) < MIN_BITS ? 'can be guessed: it reads like words, or follows a pattern' : undefined;
}

/** Its letters, which must be half of it: among hexadecimal digits there may be none but a few `a`. */
function isWellKnown(secret: string): boolean {
  const letters = secret.toLowerCase().replaceAll(/[^a-z]/g, '');
  return letters.length * 2 > secret.length && WORDS.test(letters);
}

/** A sentence is no better for being written in base64 or hexadecimal. */
function hiddenWeakness(secret: string): string | undefined {
  const hidden = (['hex', 'base64'] as const)
    .map((encoding) => Buffer.from(secret, encoding).toString('latin1'))
    .filter((text) => text.length >= MIN_BYTES / 2 && /^[\x20-\x7e\s]+$/.test(text));
  return hidden.some((text) => PUBLISHED.has(text) || isWellKnown(text) || textOfWords(text) !== undefined)
    ? 'is an encoded text that can be guessed'
    : undefined;
}

function isRepeated(secret: string): boolean {
  const periods = Array.from({ length: MIN_BYTES / 2 }, (_, index) => index + 1);
  return periods.some((period) => {
    const again = secret.split('').filter((character, at) => at >= period && character === secret[at - period]);
    return again.length > secret.length / 2;
  });
}

/** In a text of words; the lower of Shannon's estimates for English, and what punctuation and years add to it. */
const BITS_IN_WORDS = { letter: 1.5, other: 2.5 } as const;

/** An estimate from below of what it takes to guess the secret: nothing for what follows from the characters before. */
function bitsOf(secret: string): number {
  const words = textOfWords(secret);
  const text = words ?? secret.toLowerCase();
  const perCharacter = Math.log2(alphabetOf(secret));
  let bits = 0;
  for (let at = 0; at < text.length; at += Math.max(1, patternLength(text, at))) {
    if (words === undefined) bits += perCharacter;
    else bits += /[a-z]/.test(text[at] ?? '') ? BITS_IN_WORDS.letter : BITS_IN_WORDS.other;
  }
  return bits;
}

function alphabetOf(secret: string): number {
  const classes = [
    [/[0-9]/, 10],
    [/[a-f]/, 6],
    [/[g-z]/, 20],
    [/[A-F]/, 6],
    [/[G-Z]/, 20],
    [/[^0-9A-Za-z]/, 2],
  ] as const;
  return classes.reduce((size, [sign, more]) => size + (sign.test(secret) ? more : 0), 0);
}

/** Characters from here on that one choice explains: a run such as `aaa`, `987` or `qaz`, or a piece that was there before. */
function patternLength(text: string, at: number): number {
  let piece = 4;
  while (at + piece <= text.length && text.slice(0, at).includes(text.slice(at, at + piece))) piece += 1;
  return Math.max(runLength(text, at), piece > 4 ? piece - 1 : 0);
}

function runLength(text: string, at: number): number {
  const step = stepOf(text[at], text[at + 1]);
  if (step === undefined) return 0;
  let run = 2;
  while (stepOf(text[at + run - 1], text[at + run]) === step) run += 1;
  return run > 2 ? run : 0;
}

/** Which way two characters lie from each other, in the alphabet or on the keyboard; undefined when they are no neighbours. */
function stepOf(a = '', b = ''): string | undefined {
  if (a === '' || b === '') return undefined;
  const delta = b.charCodeAt(0) - a.charCodeAt(0);
  if (Math.abs(delta) <= 1) return `alphabet ${delta}`;
  const [one, other] = [placeOf(a), placeOf(b)];
  if (one === undefined || other === undefined) return undefined;
  const [down, right] = [other.row - one.row, other.column - one.column];
  return Math.abs(down) <= 1 && Math.abs(right) <= 1 ? `keyboard ${down} ${right}` : undefined;
}

/** The rows of a keyboard. */
const ROWS = ['1234567890-=', 'qwertyuiop[]', "asdfghjkl;'", 'zxcvbnm,./'] as const;

function placeOf(key: string): { readonly row: number; readonly column: number } | undefined {
  const row = ROWS.findIndex((keys) => keys.includes(key));
  return row === -1 ? undefined : { row, column: ROWS[row]?.indexOf(key) ?? 0 };
}

/** The hundred pairs of letters that make up two thirds of English and half of German, and a seventh of random letters. */
const PAIRS = new Set(
  'th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve ra ld ur me ne ch ei ie ge be un ri ro io ic li la co ma om us ec ce el ll ho tr il ss ut di ac ss pe lo ta ca so no wo rd pa ass ke ey my yo ee ow ai ay am wh we wa fo ha po pr mo do ot ts ns rs su ly'
    .split(' ')
    .filter((pair) => pair.length === 2),
);
const LEET: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' };
/** Among pairs of random letters; more where digits are read as the letters that look like them. */
const CHANCE = { plain: 0.18, leet: 0.26 } as const;
/** So far from chance that of a hundred thousand random secrets none is. */
const DEVIATIONS = 5.5;

/** The secret, its leet read as letters, when far more of its pairs of letters are common ones than chance would have it. */
function textOfWords(secret: string): string | undefined {
  const plain = secret.toLowerCase();
  if (!/[g-z]/.test(plain)) return undefined;
  if (hasManyCommonPairs(plain, CHANCE.plain)) return plain;
  const isMostlyLetters = plain.replaceAll(/[^a-z]/g, '').length > plain.length / 2;
  const leet = plain.replaceAll(/[013457@$]/g, (sign) => LEET[sign] ?? sign);
  return isMostlyLetters && hasManyCommonPairs(leet, CHANCE.leet) ? leet : undefined;
}

function hasManyCommonPairs(text: string, chance: number): boolean {
  const pairs = (text.match(/[a-z]{2,}/g) ?? []).flatMap(pairsIn);
  const deviation = Math.sqrt(pairs.length * chance * (1 - chance));
  return pairs.filter((pair) => PAIRS.has(pair)).length > pairs.length * chance + DEVIATIONS * deviation;
}

function pairsIn(run: string): readonly string[] {
  return Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2));
}
