import { defineConfig } from 'vitest/config'

// Without this file the tests would go through the panel's Vite plugins, which they do not need.
export default defineConfig({ test: { include: ['{src,test}/**/*.test.ts'] } })
