import { describe, expect, test } from 'vitest'

import { open, pour } from '../support/exchanges.ts'
import { answerFixtures, FIXTURES, readRequest, requestFixtures } from '../support/fixtures.ts'
import { FORMATS, others, type Format } from '../support/pairs.ts'

/**
 * The golden transcripts A.1 to A.5 of the conversion contract, and every other case of `fixtures/`, byte by byte. A case
 * that ought to change is rewritten by `pnpm golden`; its diff is read like code.
 */
function golden(format: Format, name: string, file: string): string {
  return new URL(`${format}/${name}/${file}`, FIXTURES).pathname
}

describe.each(FORMATS)('answers of %s upstreams', (upstream) => {
  const cases = others(upstream).flatMap((client) =>
    answerFixtures(upstream).map((fixture) => ({ client, ...fixture })),
  )

  test.for(cases)('$name streams to $client as it always did', async ({ client, name, sse }) => {
    const file = golden(upstream, name, `to-${client}.golden.sse`)
    await expect(pour({ client, upstream, request: { stream: true } }, sse)).toMatchFileSnapshot(file)
  })

  test.for(cases.filter(({ whole }) => whole !== undefined))(
    '$name goes whole to $client as it always did',
    async ({ client, name, whole }) => {
      const { body, losses } = open({ client, upstream }).response(whole)
      const text = `${JSON.stringify({ body, losses }, undefined, 2)}\n`
      await expect(text).toMatchFileSnapshot(golden(upstream, name, `to-${client}.golden.json`))
    },
  )
})

describe.each(FORMATS.filter((format) => requestFixtures(format).length > 0))('requests of %s clients', (client) => {
  test.for(requestFixtures(client))('$name goes out as it always did', async ({ name, to }) => {
    const { body, upstream, model } = readRequest(client, name, to)
    const { request, headers, losses } = open({ client, upstream, model, converter: {}, request: body, isAlone: true })
    const text = `${JSON.stringify({ request, headers, losses }, undefined, 2)}\n`
    await expect(text).toMatchFileSnapshot(golden(client, name, `to-${to}.golden.json`))
  })
})
