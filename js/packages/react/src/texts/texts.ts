// What texts are: plain JSON, so that they can come from a server as well.

import type { english } from './english.ts';

/** Forms of a text by number, named by the categories of `Intl.PluralRules`. */
export type Plural = { readonly other: string } & { readonly [Category in Intl.LDMLPluralRule]?: string };

type Complete<Texts> = {
  readonly [Name in keyof Texts]: Texts[Name] extends string
    ? string
    : Texts[Name] extends Plural
      ? Plural
      : Complete<Texts[Name]>;
};

type Partially<Texts> = {
  readonly [Name in keyof Texts]?: Texts[Name] extends string | Plural ? Texts[Name] : Partially<Texts[Name]>;
};

/** Every text of the components: a language that lacks one does not compile. */
export type Texts = Complete<typeof english>;

/** Some texts, in place of those of the language. */
export type SomeTexts = Partially<Texts>;

/** The text with each `{name}` replaced. In a plural, `count` chooses the form. */
export function formatted(
  text: string | Plural,
  values: Readonly<Record<string, string | number>>,
  locale: string,
): string {
  const form = typeof text === 'string' ? text : formFor(text, Number(values['count']), locale);
  return form.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : (value ?? place);
  });
}

function formFor(plural: Plural, count: number, locale: string): string {
  return plural[new Intl.PluralRules(locale).select(count)] ?? plural.other;
}

/** Texts with some of them exchanged. */
export function withTexts<All extends object>(all: All, some: unknown): All {
  if (typeof some !== 'object' || some === null) return all;
  const merged = { ...all } as Record<string, unknown>;
  for (const [name, text] of Object.entries(some)) {
    const former = merged[name];
    const isGroup = typeof former === 'object' && former !== null && !('other' in former);
    if (text !== undefined) merged[name] = isGroup ? withTexts(former, text) : text;
  }
  return merged as All;
}
