// Makes the style sheets from `src/theme/styles`: as they are, and in a cascade layer for those who override them.

import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const PARTS = ['tokens', 'layout', 'pricing'];

/** All default styles as one text. */
export function styles(): string {
  return PARTS.map((part) => readFileSync(pathOf(part), 'utf8')).join('\n');
}

/** Emits `styles.css` and `styles.layered.css`. */
export function styleSheets(): Plugin {
  return {
    name: 'greffier-style-sheets',
    buildStart() {
      for (const part of PARTS) this.addWatchFile(pathOf(part).pathname);
    },
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

function pathOf(part: string): URL {
  return new URL(`src/theme/styles/${part}.css`, import.meta.url);
}
