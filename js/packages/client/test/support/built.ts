// The package as it is published, and what a bundler makes of it.

import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

export const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** What a bundler makes of some code of an application for production. */
export async function bundled(code: string): Promise<string> {
  const entry = {
    name: 'entry',
    resolveId: (id: string) => (id === 'entry' ? id : null),
    load: (id: string) => (id === 'entry' ? code : null),
  };
  const result = await build({
    root: PACKAGE,
    configFile: false,
    logLevel: 'silent',
    plugins: [entry],
    resolve: {
      alias: [
        { find: /^@greffier\/client$/, replacement: `${PACKAGE}dist/index.js` },
        { find: /^@greffier\/client\/(wallets|official)$/, replacement: `${PACKAGE}dist/$1/index.js` },
      ],
    },
    build: {
      write: false,
      minify: true,
      modulePreload: false,
      rolldownOptions: { input: 'entry', preserveEntrySignatures: 'strict' },
    },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return output.map((file) => (file.type === 'chunk' ? file.code : '')).join('\n');
}

/** Kilobytes (1024 bytes) that a text takes when it is sent. */
export function sent(text: string): number {
  return gzipSync(text, { level: 9 }).length / 1024;
}
