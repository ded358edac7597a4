import { defineConfig } from 'vite';

const built = new URL('../../packages/react/dist/', import.meta.url).pathname;

export default defineConfig({
  base: './',
  resolve: {
    alias: {
      '@greffier/react/styles.css': `${built}styles.css`,
      '@greffier/react/subscription': `${built}subscription/index.js`,
    },
    dedupe: ['react', 'react-dom'],
  },
});
