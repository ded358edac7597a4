// Makes the style sheets from `src/theme/styles`: as they are, and in a cascade layer for those who override them.

import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const FOLDER = new URL('src/theme/styles/', import.meta.url);

/** All default styles as one text. */
export function styles(): string {
  const all = readFileSync(new URL('all.css', FOLDER), 'utf8');
  const parts = [...all.matchAll(/@import "(.+)";/g)].map(([, part = '']) => part);
  return parts.map((part) => readFileSync(new URL(part, FOLDER), 'utf8')).join('\n');
}

/** Emits `styles.css` and `styles.layered.css`. */
export function styleSheets(): Plugin {
  return {
    name: 'greffier-style-sheets',
    generateBundle() {
      const source = styles();
      this.emitFile({ type: 'asset', fileName: 'styles.css', source });
      this.emitFile({
        type: 'asset',
        fileName: 'styles.layered.css',
        source: `@layer greffier {\n${source}}\n`,
      });
    },
  };
}
