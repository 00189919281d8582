import { writeFileSync } from 'node:fs'

import { createGenerator } from 'ts-json-schema-generator'

/**
 * Writes JSON schemas of the vendors' SDK types, which encoder output is checked against. Run it after an SDK update:
 * `node test/schemas/write-schemas.ts`
 */
const FILES = {
  'anthropic-messages': ['MessagesRequest', 'MessagesAnswer', 'MessagesEvent'],
  'openai-chat': ['ChatRequest', 'ChatAnswer', 'ChatEvent'],
  'openai-responses': ['ResponsesRequest', 'ResponsesAnswer', 'ResponsesEvent'],
} as const

const here = new URL('./', import.meta.url)

/** One type, and everything that it is made of. */
function definitionsOf(type: string): object {
  const generator = createGenerator({
    path: new URL('wire-types.ts', here).pathname,
    tsconfig: new URL('../../tsconfig.test.json', here).pathname,
    type,
    skipTypeCheck: true, // the types are checked with everything else; here they are only read
    jsDoc: 'none',
    additionalProperties: false,
    sortProps: true,
  })
  return generator.createSchema(type).definitions ?? {}
}

for (const [format, types] of Object.entries(FILES)) {
  const merged = Object.assign({}, ...types.map(definitionsOf))
  const sorted = Object.fromEntries(Object.entries(merged).toSorted(([left], [right]) => (left < right ? -1 : 1)))
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', definitions: sorted }
  writeFileSync(new URL(`${format}.schema.json`, here), `${JSON.stringify(schema, undefined, 2)}\n`)
}
