// How applications and tests here find packages: as their sources, so that nothing has to be built first.

import { fileURLToPath } from 'node:url';

const STYLES = fileURLToPath(new URL('packages/react/src/theme/styles/all.css', import.meta.url));

export const sources = {
  tsconfigPaths: true,
  alias: { '@greffier/react/styles.css': STYLES },
};
