import { credentialContext, proxyContext } from '../rows/account-rows.ts'
import { foreignSuffixContext } from '../rows/relay-key-rows.ts'
import { SEALED_SETTING_PREFIX, settingContext } from '../sealed-settings.ts'
import { captureContext, readEntry } from './captures.ts'
import type { RedisContext } from './context.ts'
import { toPairs, toText, toTexts } from './reply.ts'
import { responseContext } from './responses.ts'

/** A sealed text, or a row with some in its columns. */
export interface SealedField {
  /** The hash it lies in. */
  readonly hash: string
  readonly field: string
  readonly text: string
  /** Columns of the row that are sealed, and what for; a text that is sealed as a whole has the column ''. */
  readonly sealed: readonly (readonly [column: string, context: string])[]
}

/** Everything that is sealed: what is not here is lost when the encryption key is rotated. */
export async function* readSealed(context: RedisContext): AsyncGenerator<SealedField, void, undefined> {
  const { keys } = context
  yield* fieldsOf(context, keys.accounts, (id) => [
    ['credential', credentialContext(id)],
    ['proxy_password', proxyContext(id)],
  ])
  yield* fieldsOf(context, keys.foreignSuffixes, (id) => [['', foreignSuffixContext(Number(id))]])
  yield* fieldsOf(context, keys.settings, (name) => {
    const isSealed = name.startsWith(SEALED_SETTING_PREFIX)
    return isSealed ? [['', settingContext(name.slice(SEALED_SETTING_PREFIX.length))]] : []
  })
  yield* readCaptures(context)
  yield* readResponses(context)
}

async function* fieldsOf(
  { link }: RedisContext,
  hash: string,
  sealedOf: (field: string) => SealedField['sealed'],
): AsyncGenerator<SealedField, void, undefined> {
  const [pairs] = await link.send(['HGETALL', hash])
  for (const [field, text] of toPairs(pairs)) {
    const sealed = sealedOf(field)
    if (sealed.length > 0) yield { hash, field, text, sealed }
  }
}

/** Bodies are large: one at a time. */
async function* readCaptures({ link, keys }: RedisContext): AsyncGenerator<SealedField, void, undefined> {
  const { entries, bodies: hash } = keys.captures
  const [pairs] = await link.send(['HGETALL', entries])
  for (const [field, entry] of toPairs(pairs)) {
    const text = toText((await link.send(['HGET', hash, field]))[0])
    if (text !== undefined) yield { hash, field, text, sealed: [['', captureContext(readEntry(entry).keyId, field)]] }
  }
}

async function* readResponses({ link, keys }: RedisContext): AsyncGenerator<SealedField, void, undefined> {
  const [keepers] = await link.send(['SMEMBERS', keys.responseKeepers])
  for (const keyId of toTexts(keepers).filter((id) => id !== undefined)) {
    const hash = keys.responsesOf(keyId).bodies
    const [ids] = await link.send(['HKEYS', hash])
    for (const id of toTexts(ids).filter((each) => each !== undefined)) {
      const text = toText((await link.send(['HGET', hash, id]))[0])
      if (text !== undefined) yield { hash, field: id, text, sealed: [['', responseContext({ keyId, id })]] }
    }
  }
}
