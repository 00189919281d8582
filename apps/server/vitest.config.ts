import { statSync } from 'node:fs'

import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that take long though their files are small. */
const LONG = ['panel-rights', 'panel-settings', 'panel-data', 'two-nodes', 'store-faults', 'long-work', 'guides']

/** They look at what their process holds. */
const ALONE = ['src/observe/memory-gauge.test.ts']

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
      // Beside their sources they are many, small, and leave nothing behind: one worker does them one after the other.
      { extends: true, test: { name: 'sources', include: ['src/**/*.test.ts'], exclude: ALONE, isolate: false } },
      { extends: true, test: { name: 'journeys', include: ['test/**/*.test.ts', ...ALONE] } },
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
