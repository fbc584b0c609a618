import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = import.meta.dirname

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@shared': resolve(here, 'shared/src'), '@locales': resolve(here, 'shared/locales') } },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'] },
})
