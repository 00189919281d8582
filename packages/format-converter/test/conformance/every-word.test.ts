import { describe, expect, test } from 'vitest'

import { ConversionError, createConverter, type Loss } from '../../src/index.ts'
import { plain } from '../support/exchanges.ts'
import { DIRECTIONS, type Pair } from '../support/pairs.ts'
import { sampleRequest } from '../support/schema-samples.ts'
import { violations } from '../support/sdk-schemas.ts'

const SEEDS = Array.from({ length: 250 }, (_, seed) => seed)

/** Places without positions: of several losses of one kind the first is told, and how many there were. */
function kindOf(path: string): readonly string[] {
  return path.split('/').map((segment) => (/^\d+$/.test(segment) ? '*' : segment))
}

/** A loss of the place itself, of something around it, or of something inside it. */
function speaksOf({ path }: Loss, place: string): boolean {
  const [told, asked] = [kindOf(path), kindOf(place)]
  const shared = Math.min(told.length, asked.length)
  return told.length > 1 && told.slice(0, shared).join('/') === asked.slice(0, shared).join('/')
}

/**
 * A list of allowed tools leaves tools out, and says so of the list: what stood in the tools is not told of one by one.
 */
function isLeftOutByChoice(place: string, losses: readonly Loss[]): boolean {
  return /^\/(?:tools|functions|web_search_options)\//.test(place) && losses.some(({ path }) => path === '/tool_choice')
}

interface Seen {
  readonly unsaid: readonly string[]
  readonly misshapen: readonly string[]
}

function convert({ client, upstream }: Pair, seed: number): Seen {
  const { body, words } = sampleRequest(client, seed)
  try {
    const exchange = createConverter({ client, upstream }).exchange(body)
    const text = JSON.stringify(exchange.request)
    const { losses } = exchange
    const unsaid = [...words].filter(
      ([word, place]) =>
        !text.includes(word) && !losses.some((loss) => speaksOf(loss, place)) && !isLeftOutByChoice(place, losses),
    )
    return {
      unsaid: unsaid.map(([, place]) => `${seed}: ${place}`),
      misshapen: violations(upstream, 'Request', plain(exchange.request)).map((violation) => `${seed}: ${violation}`),
    }
  } catch (error) {
    if (!ConversionError.is(error)) throw error
    return { unsaid: [], misshapen: error.param === undefined ? [`${seed}: an error without a place`] : [] }
  }
}

/** Contract 7.4: nothing is dropped in silence. 7.8: what goes out is what the SDK's types allow. */
describe('requests made at random from the types of the SDKs', () => {
  test.each(DIRECTIONS)('$client > $upstream: every word is carried or reported', (pair) => {
    const seen = SEEDS.map((seed) => convert(pair, seed))
    expect(seen.flatMap(({ unsaid }) => unsaid)).toEqual([])
    expect(seen.flatMap(({ misshapen }) => misshapen)).toEqual([])
  })
})
