// How packages are built for npm: one module per source file, so that bundlers take what an application uses.

import { isAbsolute } from 'node:path';
import type { UserConfig } from 'vite';

/** The build of a library whose entries are `entries`, as paths from its folder. */
export function library(...entries: string[]): UserConfig {
  return {
    build: {
      target: 'es2022',
      minify: false,
      lib: { entry: entries, formats: ['es'] },
      rolldownOptions: {
        // It warns that "use client" may get lost. One module per file keeps it, and a test looks.
        onLog: (level, log, handler) => {
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handler(level, log);
        },
        external: (id) => !id.startsWith('.') && !isAbsolute(id),
        output: { preserveModules: true, preserveModulesRoot: 'src', entryFileNames: '[name].js' },
      },
    },
  };
}
