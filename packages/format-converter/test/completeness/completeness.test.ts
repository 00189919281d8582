import { describe, expect, it, test } from 'vitest'

import {
  ConversionError,
  createConverter,
  profiles,
  type JsonObject,
  type JsonValue,
  type ProfileOverrides,
} from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { asksForNothing, isSilent, membersOf, type ConvertSample } from '../../src/testing/members.ts'
import { DIRECTIONS, type Format } from '../support/pairs.ts'
import { requests } from '../support/recordings.ts'
import { sdkMembers } from '../support/sdk-members.ts'
import { CHAT_SAMPLES } from './chat-samples.ts'
import { MESSAGES_SAMPLES } from './messages-samples.ts'
import { RESPONSES_SAMPLES } from './responses-samples.ts'
import { maySilentlyGo, toldAt } from './silent-members.ts'

/**
 * Nothing is dropped silently (contract 7.4): every member of a request either changes what is sent upstream, or a loss or
 * a refusal names its place.
 */
interface Target {
  readonly model: string
  readonly profile?: ProfileOverrides
}

const TARGETS: { readonly [Name in Format]: readonly Target[] } = {
  'anthropic-messages': [{ model: 'claude-opus-5' }, { model: 'claude-sonnet-4-5' }, { model: 'some-model' }],
  'openai-chat': [{ model: 'gpt-5.2' }, { model: 'gpt-4o' }, { model: 'some-model' }],
  'openai-responses': [{ model: 'gpt-5.2' }, { model: 'some-model' }],
}

const SAMPLES: { readonly [Name in Format]: Readonly<Record<string, JsonObject>> } = {
  'anthropic-messages': MESSAGES_SAMPLES,
  'openai-chat': CHAT_SAMPLES,
  'openai-responses': RESPONSES_SAMPLES,
}

function converterTo(client: Format, upstream: Format, { model, profile }: Target): ConvertSample {
  const converter = createConverter({ client, upstream, profile: profiles.resolve(upstream, model, profile) })
  return (body) => {
    try {
      const { request, losses } = converter.exchange(body)
      return { body: JSON.stringify(request), losses }
    } catch (error) {
      if (ConversionError.is(error)) return undefined
      throw error
    }
  }
}

/** One of them is of a wrong type wherever it stands, most are. */
const WRONG: readonly JsonValue[] = [5, 'words', { odd: 'x' }, ['x']]

interface Changed {
  readonly body: JsonObject
  readonly path: string
}

/** A sample in which a member, however deep, has another value. */
function withValue(sample: JsonObject, path: string, value: JsonValue): Changed {
  const body = structuredClone(sample) as Loose
  const keys = path.split('/').slice(1)
  const last = keys.pop() ?? ''
  keys.reduce((object: Loose, key) => object[key], body)[last] = value
  return { body, path }
}

const CASES = DIRECTIONS.flatMap((pair) => TARGETS[pair.upstream].map((target) => ({ ...pair, ...target })))

describe.each(CASES)('a request of $client for $model ($upstream)', ({ client, upstream, ...target }) => {
  const convert = converterTo(client, upstream, target)

  function silentMembers(body: JsonObject): readonly string[] {
    const given = convert(body)
    return membersOf(body)
      .filter(({ path }) => !maySilentlyGo(client, path))
      .filter((member) => isSilent(member, given, convert))
      .filter((member) => isSilent({ ...member, path: toldAt(member.path) }, given, convert))
      .map(({ path }) => path)
  }

  it("carries or reports every member that the vendor's SDK has a type for", () => {
    const members = sdkMembers(client).filter(({ path }) => !maySilentlyGo(client, path))
    const silent = members.filter((member) => isSilent(member, convert(member.given), convert))
    expect(silent.map(({ name }) => name)).toEqual([])
  })

  test.for(Object.entries(SAMPLES[client]))('loses nothing without a word: %s', ([, body]) => {
    expect(silentMembers(body)).toEqual([])
  })

  test.for(Object.entries(SAMPLES[client]))('loses no value of a wrong type without a word: %s', ([, body]) => {
    const wrong = membersOf(body).flatMap(({ path }) => WRONG.map((value) => withValue(body, path, value)))
    expect(wrong.flatMap(({ body: given, path }) => silentMembers(given).filter((silent) => silent === path))).toEqual(
      [],
    )
  })
})

const hasRecordings = requests('openai-chat').length > 0

describe.skipIf(!hasRecordings).each(DIRECTIONS)(
  'recorded requests of $client for $upstream',
  ({ client, upstream }) => {
    const [target = { model: 'some-model' }] = TARGETS[upstream]
    const convert = converterTo(client, upstream, target)
    const recorded = requests(client).filter(({ request }) => JSON.stringify(request).length < 60_000)

    test.for(recorded)('$id loses nothing without a word', ({ request }) => {
      const given = convert(request)
      const silent = membersOf(request)
        .filter(({ path, value }) => !maySilentlyGo(client, path) && !asksForNothing(value))
        .filter((member) => isSilent(member, given, convert))
      expect(silent.map(({ path }) => path)).toEqual([])
    })
  },
)
