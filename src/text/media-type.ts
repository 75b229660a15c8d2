// What a Content-Type header says of a body (RFC 9110 §8.3.1).

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** `application/json` and every `application/…+json`, with or without parameters. */
export function isJsonType(contentType: string | undefined): boolean {
  return contentType === 'application/json' || JSON_TYPE.test(contentType ?? '');
}

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** What HTML forms send, and `curl -d` whatever it is given. */
export function isFormType(contentType: string): boolean {
  return FORM_TYPE.test(contentType);
}
