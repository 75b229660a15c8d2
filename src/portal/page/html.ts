// HTML in which every value is escaped, because there is no way to put one in unescaped.

/** Markup: what {@link html} makes, and the constants of the page. */
export interface Html {
  readonly markup: string;
}

type Value = Html | string | number | undefined | false | readonly Value[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template tag: text is escaped for elements and quoted attributes, markup is kept, lists are joined, nothing is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const parts = strings.map((text, index) => text + rendered(values[index]));
  return { markup: parts.join('') };
}

function rendered(value: Value): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string') return value.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  if (typeof value === 'number') return String(value);
  return isMarkup(value) ? value.markup : value.map(rendered).join('');
}

function isMarkup(value: Html | readonly Value[]): value is Html {
  return 'markup' in value;
}
