import { execFileSync } from 'node:child_process'

import { expect, test } from 'vitest'

import { writeExampleCall } from './example-call.ts'

/** Lets a real shell read the line, with a `curl` that only says what it was given. */
function readWithShell(line: string): readonly string[] {
  const output = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }\n${line}`], { encoding: 'utf8' })
  return output.split('\0').slice(0, -1)
}

test.for(['claude-sonnet-4-5', `it's`, `'; touch /tmp/owned; '`, '$(id) `id` "quoted" \\'])(
  'a shell hands the model on as it is: %s',
  (model) => {
    const line = writeExampleCall({ origin: 'http://127.0.0.1:3000', key: 'YOUR_RELAY_KEY', model, greeting: '你好！' })
    const given = readWithShell(line)
    expect(given.slice(0, 2)).toEqual(['-N', 'http://127.0.0.1:3000/v1/messages'])
    expect(given).toContain('x-api-key: YOUR_RELAY_KEY')
    expect(JSON.parse(given.at(-1) ?? '')).toEqual({
      model,
      max_tokens: 256,
      stream: true,
      messages: [{ role: 'user', content: '你好！' }],
    })
  },
)
