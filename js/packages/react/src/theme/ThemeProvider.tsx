'use client';
// The theme that holds at a place: that of the instance, then of providers, then of the component.

import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import type { Theme } from './theme.ts';
import { warnOfUnknownKeys } from './unknownKeys.ts';

const CurrentTheme = createContext<Theme>({});

/** Styles everything inside. Providers nest: the inner one goes first, key by key. */
export function ThemeProvider({
  theme,
  children,
}: {
  theme?: Theme | undefined;
  children?: ReactNode;
}): ReactNode {
  const outer = useContext(CurrentTheme);
  const merged = useMemo(() => mergeThemes(outer, theme), [outer, theme]);
  useEffect(() => warnOfUnknownKeys(theme), [theme]);
  return <CurrentTheme.Provider value={merged}>{children}</CurrentTheme.Provider>;
}

export function useTheme(): Theme {
  return useContext(CurrentTheme);
}

/** What the theme says of an element: of the narrower key if it has one, else of its key. */
export function useSlot(key: string, variant: string | undefined): unknown {
  const theme = useTheme() as Record<string, unknown>;
  return (variant ? theme[`${key}__${variant}`] : undefined) ?? theme[key];
}

/** Two themes as one. Keys of `inner` go first; single values of `general` and `buttons` are keys as well. */
export function mergeThemes(outer: Theme, inner: Theme | undefined): Theme {
  if (!inner) return outer;
  const said = Object.fromEntries(Object.entries(inner).filter(([, slot]) => slot !== undefined)) as Theme;
  return {
    ...outer,
    ...said,
    general: { ...outer.general, ...inner.general },
    buttons: { ...outer.buttons, ...inner.buttons },
  };
}
