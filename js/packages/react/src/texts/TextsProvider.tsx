'use client';
// The texts and the locale that hold at a place.

import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { english } from './english.ts';
import { formatted, type Plural, type SomeTexts, type Texts, withTexts } from './texts.ts';

interface Spoken {
  texts: Texts;
  locale: string;
}

const CurrentTexts = createContext<Spoken>({ texts: english, locale: 'en' });

interface TextsProviderProps {
  /** A language, or single texts in place of those outside. */
  texts?: SomeTexts | undefined;
  /** Language tag (BCP 47) for numbers, money and plurals. */
  locale?: string | undefined;
  children?: ReactNode;
}

/** Words everything inside. Providers nest: the inner one goes first, text by text. */
export function TextsProvider({ texts, locale, children }: TextsProviderProps): ReactNode {
  const outer = useContext(CurrentTexts);
  const spoken = useMemo(
    () => ({ texts: withTexts(outer.texts, texts), locale: locale ?? outer.locale }),
    [outer, texts, locale],
  );
  return <CurrentTexts.Provider value={spoken}>{children}</CurrentTexts.Provider>;
}

interface UsableTexts extends Spoken {
  /** The text with each `{name}` replaced. In a plural, `count` chooses the form. */
  format: (text: string | Plural, values: Readonly<Record<string, string | number>>) => string;
}

export function useTexts(): UsableTexts {
  const { texts, locale } = useContext(CurrentTexts);
  return { texts, locale, format: (text, values) => formatted(text, values, locale) };
}
