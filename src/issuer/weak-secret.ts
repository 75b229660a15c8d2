// Which HMAC secrets somebody could guess: a token made with one is anybody's.

const MIN_BYTES = 32;
const MIN_DISTINCT_BYTES = 8;
const WORDS =
  /^(?:secret|password|passwort|passphrase|kubehook|kubernetes|kube|changeme|change|me|please|default|example|test|token|admin|root|hmac|jwt|key|shared|super|your|my|this|is|the|a|very|long|insecure|do|not|use|in|production|letmein|qwerty|abcdefghijklmnopqrstuvwxyz|abc)+$/;

/** Why this secret is weak, completing "the secret …"; undefined when it is not. Never quotes it. */
export function weakness(secret: string): string | undefined {
  const bytes = Buffer.from(secret);
  if (bytes.length < MIN_BYTES) return `has fewer than ${MIN_BYTES} bytes`;
  if (new Set(bytes).size < MIN_DISTINCT_BYTES) return 'repeats a few characters';
  if (isRepeated(secret)) return 'is one short piece over and over';
  const letters = secret.toLowerCase().replaceAll(/[^a-z]/g, '');
  return letters === '' ? digitsOnly(secret) : wordsOnly(letters);
}

function isRepeated(secret: string): boolean {
  const period = (secret + secret).indexOf(secret, 1);
  return period < secret.length && period < MIN_BYTES;
}

function wordsOnly(letters: string): string | undefined {
  return WORDS.test(letters) ? 'consists of well-known words' : undefined;
}

/** 32 digits have 106 bits when they are random, and none when they count up. */
function digitsOnly(secret: string): string | undefined {
  return '0123456789'.repeat(Math.ceil(secret.length / 10) + 1).includes(secret) ? 'counts up' : undefined;
}
