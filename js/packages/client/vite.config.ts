import { defineConfig } from 'vite';
import { library } from '../../vite.library.ts';

export default defineConfig(library('src/index.ts', 'src/wallets/index.ts', 'src/official/index.ts'));
