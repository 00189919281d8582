import { checkCredential, toAccountSettings } from '../account-settings.ts'
import type { AccountInput, AccountSettings } from '../account.ts'
import type { SecretBox } from '../crypto/secret-box.ts'
import { proxyPasswordOf } from '../proxy-url.ts'
import { credentialContext, mergeSettings, proxyContext } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readOptionalText, readText } from '../rows/row.ts'
import { requireDeclared } from './declared-names.ts'

/** An account as the configuration file has it. */
export interface DeclaredAccount {
  readonly settings: AccountSettings
  readonly credential: string | undefined
  readonly proxyPassword: string | undefined
}

/** What has to be written of its secrets: `undefined` leaves one, `null` removes it. */
export interface SecretsToWrite {
  readonly credential: string | null | undefined
  readonly proxyPassword: string | null | undefined
}

/** @throws StoreError `invalid-input`, naming the field */
export function readDeclaredAccount(input: AccountInput): DeclaredAccount {
  return {
    settings: toAccountSettings(input),
    credential: input.credential === undefined ? undefined : checkCredential(input.credential),
    proxyPassword: proxyPasswordOf(input.proxyUrl),
  }
}

/**
 * What has to be written so that an account is as it was declared; `undefined` when it is.
 *
 * @throws StoreError `name-taken` when it was made by hand
 */
export function changeOfAccount(box: SecretBox, row: Row, declared: DeclaredAccount): SecretsToWrite | undefined {
  requireDeclared(row, 'account')
  const id = readText(row, 'id')
  const stored = (column: string, context: string): string | undefined => {
    const sealed = readOptionalText(row, column)
    return sealed === undefined ? undefined : (box.open(sealed, context) ?? UNREADABLE)
  }
  const secrets = {
    credential: secretToWrite(stored('credential', credentialContext(id)), declared.credential),
    proxyPassword: secretToWrite(stored('proxy_password', proxyContext(id)), declared.proxyPassword),
  }
  const isSame = secrets.credential === undefined && secrets.proxyPassword === undefined
  return isSame && mergeSettings(row, declared.settings) === readText(row, 'settings') ? undefined : secrets
}

/** What cannot be opened is none of the secrets that can be declared: they have no control characters. */
const UNREADABLE = '\u0000'

function secretToWrite(stored: string | undefined, declared: string | undefined): string | null | undefined {
  return stored === declared ? undefined : (declared ?? null)
}
