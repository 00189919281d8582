interface SharedTest {
  include: string[]
  reporters: string[]
  outputFile: { json: string }
}

/**
 * What every package's tests share: a readable report on the terminal, and one machine-readable
 * file per package, which `.ci/run` adds up.
 */
export const sharedTest: SharedTest = {
  include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  reporters: ['default', 'json'],
  outputFile: { json: 'reports/vitest.json' },
}
