import { statSync } from 'node:fs'

import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that take long though their files are small. */
const LONG = ['panel-rights', 'panel-settings', 'panel-data', 'two-nodes', 'store-faults', 'long-work', 'guides']

/** They look at what their process holds, or replace a module for all that runs in it. */
const ALONE = [
  'src/observe/memory-gauge.test.ts',
  'test/memory.test.ts',
  'test/bugs.test.ts',
  'test/long-bodies.test.ts',
]

/** How long a file may take: nothing is known of it before its first run but its size. */
function weigh({ moduleId }: TestSpecification): number {
  const isLong = LONG.some((name) => moduleId.endsWith(`/${name}.test.ts`))
  return isLong ? Number.MAX_SAFE_INTEGER : statSync(moduleId).size
}

/** Those that share a worker come together, and last: it ends when the next file wants one of its own. */
function sharesWorker({ project }: TestSpecification): number {
  return project.config.isolate ? 0 : 1
}

/** The longest first: else one of them is still at work alone when all others are over. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => sharesWorker(one) - sharesWorker(other) || weigh(other) - weigh(one))
  }
}

export default defineConfig({
  test: {
    projects: [
      // Two workers do one file after the other: one of its own costs a file three seconds of a processor to get warm.
      {
        extends: true,
        test: { name: 'together', include: ['{src,test}/**/*.test.ts'], exclude: ALONE, isolate: false },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
    ],
    sequence: { sequencer: LongFirst },
    // Tests that run side by side wait for time limits and sockets, not for the processor.
    maxConcurrency: 16,
    // They leave room for another file beside them on a machine of two processors.
    maxWorkers: '100%',
    // A machine that builds and tests other packages at the same time is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
