import { ConversionError, createConverter, type FormatName } from '@relay/format-converter'
import { compileRules, runRuleTests } from '@relay/format-converter/rules'
import { expect, test } from 'vitest'

import { createTranslator } from './sentences.ts'
import { accountSteps } from './zh/account-steps.ts'
import { accountTroubles } from './zh/account-troubles.ts'
import { conversionTroubles } from './zh/conversion-troubles.ts'
import { deliveries } from './zh/deliveries.ts'
import { failureKinds } from './zh/failure-kinds.ts'
import { ruleMistakes } from './zh/rule-mistakes.ts'
import { translators } from './zh/translators.ts'
import { workTroubles } from './zh/work-troubles.ts'

const HAN = /\p{Script=Han}/u

test('a sentence is told with its parts, which may be sentences too; any other stays', () => {
  const translate = createTranslator([
    ['{}, not {}', '{1}，而不是 {2}'],
    ['must be a list', '须为列表'],
  ])
  expect(translate('must be a list, not 5 (a+b)')).toBe('须为列表，而不是 5 (a+b)')
  expect(translate('something else')).toBe('something else')
})

const TABLES = [ruleMistakes, accountSteps, accountTroubles, deliveries, failureKinds, conversionTroubles, workTroubles]

test.for(TABLES.flat())('%j holds the same parts, and Chinese', ([sentence, translation]) => {
  const parts = sentence.split('{}').slice(1)
  expect(
    [...translation.matchAll(/\{(\d)\}/g)].map(([, at]) => Number(at)).toSorted((left, right) => left - right),
  ).toEqual(parts.map((_, index) => index + 1))
  expect(translation).toMatch(HAN)
})

const WHEN = { phase: 'request.upstream' }
const rule = (op: unknown, more: object = {}): object => ({
  version: 1,
  rules: [{ id: 'a', ...WHEN, ops: [op], ...more }],
})
const set = (path: string, value: unknown = 1, phase = 'request.upstream'): object =>
  rule({ op: 'set', path, value }, { phase })

const WRONG: readonly unknown[] = [
  5,
  {},
  { version: 2, rules: [] },
  { version: 1, rules: {} },
  { version: 1, rules: null },
  { version: 1, rules: [5, null, []] },
  { version: 1, rules: [{ id: '', phase: 'x', ops: [], enabled: 'yes' }] },
  { version: 1, rules: [{ id: '-a', ...WHEN, ops: 'x', when: [] }] },
  {
    rules: [
      { id: 'a', ...WHEN, ops: [{ op: 'round', path: '/n' }] },
      { id: 'a', ...WHEN, ops: [{ op: 'round', path: '/n' }] },
    ],
  },
  rule('x'),
  rule({ op: 'nope' }),
  rule({ op: 'set', path: '/n' }),
  rule({ op: 'set', path: '/n', value: 1, colour: 'red' }),
  set('n'),
  set(''),
  set('/a~b'),
  set('/*/a'),
  set('/*'),
  set('/a/*/b/*/c/*'),
  set(`/${'a/'.repeat(60)}`),
  set('/messages/0/content', 'x'),
  set('/model', 'a b c'),
  set('/stream', true),
  set('/extra_body'),
  set('/metadata', { text: 'long words of a prompt' }),
  set('/choices/0/message/content', 'x', 'response'),
  set('', 1, 'response'),
  set('/*', 1, 'response'),
  set('/id', 'x', 'response'),
  set('/choices/0', 'x', 'response'),
  set('/nope', 1, 'request.ir'),
  set('/options/parallelCalls', 'x', 'request.ir'),
  rule({ op: 'remove', path: '/options/parallelCalls' }, { phase: 'request.ir' }),
  set('/nope', 1, 'error'),
  set('/status', 1, 'error'),
  set('/kind', 1, 'error'),
  set('/message', '', 'error'),
  rule({ op: 'remove', path: '/message' }, { phase: 'error' }),
  rule({ op: 'clamp', path: '/n' }),
  rule({ op: 'clamp', path: '/n', min: 3, max: 2 }),
  rule({ op: 'clamp', path: '/n', min: 'x' }),
  rule({ op: 'mapValue', path: '/n', map: 5 }),
  rule({ op: 'mapValue', path: '/n', map: {} }),
  rule({ op: 'rename', path: '/a', to: '/b/c' }),
  rule({ op: 'move', path: '/a/*', to: '/b' }),
  rule({ op: 'move', path: '/a', to: '/a/b' }),
  rule({ op: 'limitArray', path: '/stop', max: -1 }),
  rule({ op: 'dropBlocks', kind: 'x' }),
  rule({ op: 'header.set', name: 'a b', value: 'x' }),
  rule({ op: 'header.set', name: 'authorization', value: 'x' }),
  rule({ op: 'header.set', name: 'x-a', value: 'ü' }),
  rule({ op: 'header.set', name: 'x-a', value: 'x' }, { phase: 'response' }),
  rule({ op: 'reject', message: 'x', status: 500 }),
  rule({ op: 'round', path: '/n', if: 5 }),
  rule({ op: 'round', path: '/n', if: { path: '/n' } }),
  rule({ op: 'round', path: '/n', if: { path: 'x'.repeat(600), eq: 1 } }),
  rule({ op: 'round', path: '/n', if: { path: '/n', eq: {} } }),
  { ...rule({ op: 'round', path: '/n' }), tests: [{ name: 'a', ...WHEN, input: [], expect: {} }] },
  { ...rule({ op: 'round', path: '/n' }), tests: 5 },
]

test('what the compiler of rules says of a wrong file is told in Chinese, whatever is wrong', () => {
  const translate = createTranslator(ruleMistakes)
  const said = WRONG.flatMap((file) => {
    const compiled = compileRules(file)
    return compiled.ok ? [] : compiled.errors.map(({ message }) => message)
  })
  expect(said.length).toBeGreaterThanOrEqual(WRONG.length)
  expect(said.filter((message) => !HAN.test(translate(message)))).toEqual([])
})

test('so is what came out of a test of rules', () => {
  const compiled = compileRules({
    ...rule({ op: 'set', path: '/n', value: 1 }),
    tests: [{ name: 'a', ...WHEN, input: {}, expect: { body: { n: 2 } } }],
  })
  const [outcome] = compiled.ok ? runRuleTests(compiled.rules) : []
  expect(createTranslator(ruleMistakes)(outcome?.troubles[0] ?? '')).toBe('body 为 {"n":1}，期望为 {"n":2}')
})

const ASKED = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] }
const FILE = { type: 'image', source: { type: 'file', file_id: 'f' } }

test.for([
  ['anthropic-messages', 5],
  ['anthropic-messages', { ...ASKED, messages: 5 }],
  ['anthropic-messages', { ...ASKED, messages: undefined }],
  ['anthropic-messages', { ...ASKED, messages: [{ role: 'nobody', content: 'x' }] }],
  ['anthropic-messages', { ...ASKED, max_tokens: 0 }],
  ['anthropic-messages', { ...ASKED, thread: {} }],
  ['anthropic-messages', { ...ASKED, messages: [{ role: 'user', content: [FILE] }] }],
  ['anthropic-messages', { ...ASKED, tool_choice: { type: 'tool' } }],
  ['openai-responses', { model: 'm', input: 'x', background: true }],
  ['openai-responses', { model: 'm', input: 'x', previous_response_id: 'resp_1' }],
  ['openai-responses', { model: 'm', input: 'x', prompt: { id: 'p' } }],
] as const)('why a %s request cannot be carried is told in Chinese: %j', ([client, body]) => {
  const said = refusal(client, body)
  expect(translators.conversionTrouble(said)).toMatch(HAN)
})

test.for([
  ['the file is cut off; take another backup', '该文件不完整；请换一个备份'],
  ['the file is no export of Relay; nothing was changed', '该文件不是 Relay 的导出文件；什么都没有改变'],
  [
    'the file was made by a newer Relay; import it with that one; nothing was changed',
    '该文件由更新版本的 Relay 生成，请用该版本导入；什么都没有改变',
  ],
  [
    'the file was made under another ENCRYPTION_KEY; that one is needed for it (nothing has been changed)',
    '该文件是在另一个 ENCRYPTION_KEY 下生成的，需要用那个密钥（什么都没有改变）',
  ],
  ['the file: the passphrase does not open its secrets', '该文件的机密无法用这个口令打开'],
  [
    'the file: its secrets are sealed under a passphrase; give it with --passphrase-env NAME or --passphrase-stdin',
    '该文件的机密用口令封存；请输入口令',
  ],
] as const)('why work on the data set came to nothing is told in Chinese: %s', ([said, translation]) => {
  expect(translators.workTrouble(said)).toBe(translation)
})

test.for([
  'the base URL is not a URL; write it like https://api.example.com/v1',
  'the base URL has the scheme "ftp"; only http and https can be called',
  'the base URL for example.com holds a user name or password; put the key into the credential',
  'account "preview" has no base URL for API format "claude"; set baseUrl, or formatBaseUrls["claude"]',
  'the upstream answered 404: Not Found; check the base URL, it may lead elsewhere',
])('what is wrong with an address is told in Chinese: %s', (said) => {
  expect(translators.accountTrouble(said)).toMatch(HAN)
})

function refusal(client: FormatName, body: unknown): string {
  try {
    createConverter({ client, upstream: 'openai-chat' }).exchange(body, { model: 'm' })
  } catch (error) {
    if (ConversionError.is(error)) return error.message
    throw error
  }
  throw new Error('it was carried')
}
