import { hashSecret } from '../crypto/key-hash.ts'
import { requireFreeSecret } from '../refusals.ts'
import type { Row } from '../rows/row.ts'
import type { StoreContext } from './context.ts'

/** Steps on the secrets of relay keys; each runs inside a transaction of its caller. */
export interface RelayKeySecrets {
  /** Makes the secret the only one of the key.
   * @throws StoreError `secret-taken` */
  setSecret(id: string, secret: string): void
  /** Gives the key a new secret; the one before works on until the end of the overlap. */
  rotateSecret(id: string, secret: string, overlapMs: number): void
  removeSecrets(id: string): void
}

/** How the table finds the keys that a refusal names. */
interface KeyLookUps {
  find(id: string): Row | undefined
  findByDigest(digest: Uint8Array): { readonly row: Row } | undefined
}

/** Prepares the statements on secrets. */
export function createRelayKeySecrets(context: StoreContext, keys: KeyLookUps): RelayKeySecrets {
  const { pepper, now, relayKeyRevision } = context
  const statements = prepareStatements(context)

  function setSecret(id: string, secret: string): void {
    removeSecrets(id)
    addSecret(id, secret)
  }

  function rotateSecret(id: string, secret: string, overlapMs: number): void {
    statements.endSecrets.run({ id, endsAt: now() + overlapMs })
    statements.removeEnded.run({ id, now: now() })
    addSecret(id, secret)
    relayKeyRevision.bump('durable')
  }

  function addSecret(id: string, secret: string): void {
    const digest = hashSecret(pepper, secret)
    requireFreeSecret('secret declared', keys.find(id), keys.findByDigest(digest)?.row)
    statements.insertSecret.run({ digest, id, now: now() })
    statements.setLastFour.run({ id, lastFour: secret.slice(-4) })
  }

  function removeSecrets(id: string): void {
    statements.removeSecrets.run({ id })
    relayKeyRevision.bump('durable')
  }

  return { setSecret, rotateSecret, removeSecrets }
}

function prepareStatements({ durable }: StoreContext) {
  return {
    insertSecret: durable.prepare(
      'INSERT INTO relay_key_secrets (digest, key_id, created_at) VALUES (:digest, :id, :now)',
    ),
    setLastFour: durable.prepare('UPDATE relay_keys SET secret_last_four = :lastFour WHERE id = :id'),
    removeSecrets: durable.prepare('DELETE FROM relay_key_secrets WHERE key_id = :id'),
    endSecrets: durable.prepare(`
      UPDATE relay_key_secrets SET ends_at = min(coalesce(ends_at, :endsAt), :endsAt) WHERE key_id = :id`),
    removeEnded: durable.prepare('DELETE FROM relay_key_secrets WHERE key_id = :id AND ends_at <= :now'),
  }
}
