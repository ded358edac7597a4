// Tests of all packages and applications. A file `*.node.test.ts` runs in Node.js, every other one in Chromium:
// with React 19, and those of packages/react with React 18 as well.

import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { launchOptions } from './chromium.ts';
import { sources } from './vite.sources.ts';

const NODE_TESTS = '**/*.node.test.ts';

// Listed in full, and none is looked for: one that is found only while tests run reloads the page under them.
const DEPENDENCIES = [
  'react',
  'react-dom',
  'react-dom/client',
  'react/jsx-runtime',
  'react/jsx-dev-runtime',
  'axe-core',
  'vitest-browser-react',
];

// Conditions are waited for, and a busy machine may take long until they hold.
const PATIENT = { testTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };

function inChromium(
  name: string,
  include: string,
  alias: Record<string, string> = {},
): TestProjectConfiguration {
  return {
    plugins: [react()],
    cacheDir: `node_modules/.vite/${name}`,
    resolve: { tsconfigPaths: true, alias: { ...sources.alias, ...alias } },
    optimizeDeps: { include: DEPENDENCIES, noDiscovery: true },
    test: {
      ...PATIENT,
      name,
      include: [include],
      exclude: [NODE_TESTS, '**/node_modules/**'],
      browser: {
        enabled: true,
        headless: true,
        provider: playwright({ launchOptions: launchOptions() }),
        instances: [{ browser: 'chromium' }],
        screenshotFailures: false,
      },
    },
  };
}

function ofReact18(name: string): string {
  return fileURLToPath(new URL(`test-apps/react18/node_modules/${name}`, import.meta.url));
}

export default defineConfig({
  test: {
    projects: [
      inChromium('react-19', '{packages,apps}/*/test/**/*.test.{ts,tsx}'),
      inChromium('react-18', 'packages/react/test/**/*.test.{ts,tsx}', {
        react: ofReact18('react'),
        'react-dom': ofReact18('react-dom'),
      }),
      {
        test: { ...PATIENT, name: 'node', include: [`{packages,apps}/*/test/${NODE_TESTS}`] },
        resolve: sources,
      },
    ],
  },
});
