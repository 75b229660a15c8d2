// One cookie of a request, read strictly: whoever can set a second one of its name must not be able to choose.

/** Undefined when there is none, or more than one (RFC 6265 §4.2.1). */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}
