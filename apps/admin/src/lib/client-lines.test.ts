import { expect, test } from 'vitest'

import { CLIENTS, writeClientLines } from './client-lines.ts'

const FACTS = { origin: 'http://127.0.0.1:3000', key: 'rk-key' }

test.for(CLIENTS)('a model that a shell would read as a command is not written: %s', (client) => {
  const model = `m'; touch /canary; echo '`
  expect(writeClientLines(client, { ...FACTS, model })).not.toContain('canary')
})

test('a usual model is', () => {
  expect(writeClientLines('curl', { ...FACTS, model: 'deepseek/deepseek-chat:free' })).toContain(
    '"deepseek/deepseek-chat:free"',
  )
})
