import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { makeFolder, runRelay } from '../../test/relay-process.ts'
import type { RelayRun } from '../../test/relay-process.ts'

let folder = makeFolder()
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

describe('relay routing', { timeout: 60_000 }, () => {
  test('shows, changes and resets how requests find their accounts', async () => {
    const usual = { strategy: 'least-in-flight', aliases: {}, fallbacks: {}, showsAccount: false }
    expect(JSON.parse((await relay(['show', '--json'])).stdout)).toEqual({ settings: usual, managedBy: 'operator' })
    const set = await relay(['set', '--strategy', 'weighted', '--aliases', 'fast=gpt-5-mini, claude-*=opus-*'])
    expect(set.stdout).toContain('fast → gpt-5-mini')
    await relay(['set', '--fallbacks', 'gpt-5=gpt-5-mini>gpt-4.1', '--show-account', 'yes'])
    expect(JSON.parse((await relay(['show', '--json'])).stdout)).toEqual({
      settings: {
        strategy: 'weighted',
        aliases: { fast: 'gpt-5-mini', 'claude-*': 'opus-*' },
        fallbacks: { 'gpt-5': ['gpt-5-mini', 'gpt-4.1'] },
        showsAccount: true,
      },
      managedBy: 'operator',
    })
    expect(JSON.parse((await relay(['set', '--aliases', 'none', '--json'])).stdout)).toMatchObject({ aliases: {} })
    await relay(['reset'])
    expect(JSON.parse((await relay(['show', '--json'])).stdout)).toMatchObject({ settings: usual })
  })

  test.for([
    { words: [], says: 'nothing was given' },
    { words: ['--strategy', 'random'], says: 'least-in-flight, weighted, least-recently-used' },
    { words: ['--aliases', 'fast'], says: 'name=value' },
    { words: ['--aliases', 'fast='], says: '--aliases: a name is missing' },
    { words: ['--fallbacks', 'fast=slow>'], says: '--fallbacks: a name is missing' },
    { words: ['--show-account', 'maybe'], says: 'yes, no' },
  ])('refuses $words', async ({ words, says }) => {
    const run = await relay(['set', ...words])
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain(says)
  })
})

function relay(words: readonly string[]): Promise<RelayRun> {
  return runRelay(['routing', ...words], { folder: folder.path, environment: { DATA_DIR: folder.path } })
}
