import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'anthropic-messages': 'src/anthropic-messages/index.ts',
    core: 'src/core.ts',
    fetch: 'src/fetch/index.ts',
    ir: 'src/ir.ts',
    'openai-chat': 'src/openai-chat/index.ts',
    'openai-responses': 'src/openai-responses/index.ts',
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
