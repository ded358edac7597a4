'use client';
// The outermost element of a component: the place of its theme, its texts and its custom properties.

import type { ReactNode } from 'react';
import * as parts from '../elements/layout.ts';
import { customProperties } from '../theme/customProperties.ts';
import { ThemeProvider, useTheme } from '../theme/ThemeProvider.tsx';
import type { Theme } from '../theme/theme.ts';

interface RootProps {
  theme?: Theme | undefined;
  children?: ReactNode;
}

/** Everything that a component renders, with its own theme over those of providers. */
export function Root({ theme, children }: RootProps): ReactNode {
  return (
    <ThemeProvider theme={theme}>
      <RootElement>{children}</RootElement>
    </ThemeProvider>
  );
}

function RootElement({ children }: { children?: ReactNode }): ReactNode {
  const properties = customProperties(useTheme());
  return <parts.Root style={properties}>{children}</parts.Root>;
}
