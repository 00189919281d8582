import { describe, expect, it } from 'vitest'

import { profiles } from '../adapt/profiles.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import { encodeTools } from './encode-tools.ts'

describe('tools of a Responses request', () => {
  it('take no cache mark, and say which one is gone', () => {
    const losses: LossReport[] = []
    const cacheMark = { path: '/tools/0/cache_control' }
    const tools = encodeTools([{ type: 'function', name: 'w', path: '/tools/0', cacheMark }], {
      profile: profiles.resolve('openai-responses', 'gpt-5.2'),
      options: DEFAULT_OPTIONS,
      report: (loss) => losses.push(loss),
    })
    expect(tools).toEqual([
      { type: 'function', name: 'w', parameters: { type: 'object', properties: {} }, strict: false },
    ])
    expect(losses.map(({ code, level, path }) => [code, level, path])).toEqual([
      ['cache_mark_dropped', 'info', '/tools/0/cache_control'],
    ])
  })
})
