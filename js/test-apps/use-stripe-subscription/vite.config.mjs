import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  define: { 'process.env.STRIPE_SECRET_KEY': 'undefined' },
  resolve: {
    alias: [{ find: /^stripe$/, replacement: new URL('server-only.js', import.meta.url).pathname }],
  },
});
