import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    fetch: 'src/fetch/index.ts',
    ir: 'src/ir.ts',
    rules: 'src/rules/index.ts',
    sse: 'src/sse/index.ts',
    testing: 'src/testing/index.ts',
    usage: 'src/usage.ts',
  },
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  dts: true,
  sourcemap: true,
  clean: true,
})
