import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { sources } from '../../vite.sources.ts';

export default defineConfig({ plugins: [react()], resolve: sources });
