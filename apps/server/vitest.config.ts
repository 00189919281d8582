import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,test}/**/*.test.ts'],
    // Tests that run side by side wait for time limits and sockets, not for the processor.
    maxConcurrency: 16,
    // They leave room for another file beside them on a machine of two processors.
    maxWorkers: '100%',
    // A machine that builds and tests other packages at the same time is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
