// The package as it is published.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Plugin, type Rolldown } from 'vite';

export const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** The files below a folder of the package, as paths from there. */
export function filesIn(folder: string): string[] {
  const entries = readdirSync(PACKAGE + folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => relative(PACKAGE + folder, join(file.parentPath, file.name)));
}

/** Fails unless `dist` was built from the sources that are here. */
export function assertBuilt(): void {
  const newest = (folder: string) => {
    return Math.max(...filesIn(folder).map((file) => statSync(join(PACKAGE, folder, file)).mtimeMs));
  };
  if (newest('dist') < newest('src')) throw new Error('dist/ is older than src/: run `npm run build`');
}

export function built(file: string): string {
  return readFileSync(`${PACKAGE}dist/${file}`, 'utf8');
}

/** What a bundler makes of some code of an application for production, without React. */
export async function bundled(code: string, plugins: Plugin[] = []): Promise<string> {
  const entry = {
    name: 'entry',
    resolveId: (id: string) => (id === 'entry' ? id : null),
    load: (id: string) => (id === 'entry' ? code : null),
  };
  const result = await build({
    root: PACKAGE,
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [entry, ...plugins],
    resolve: { alias: { '@greffier/react': `${PACKAGE}dist/index.js` } },
    build: {
      write: false,
      minify: true,
      modulePreload: false,
      rolldownOptions: { input: 'entry', external: /^react(-dom)?(\/|$)/, preserveEntrySignatures: 'strict' },
    },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return output.map((file) => (file.type === 'chunk' ? file.code : '')).join('\n');
}

/** Kilobytes (1024 bytes) that a text takes when it is sent. */
export function sent(text: string): number {
  return gzipSync(text, { level: 9 }).length / 1024;
}
