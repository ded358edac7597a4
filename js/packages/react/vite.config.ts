import { defineConfig } from 'vite';
import { library } from '../../vite.library.ts';
import { styleSheets } from './styles.ts';

export default defineConfig({
  ...library('src/index.ts', 'src/subscription/index.ts', 'src/vite/index.ts'),
  plugins: [styleSheets()],
});
