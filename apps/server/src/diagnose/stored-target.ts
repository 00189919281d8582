import type { Account, AccountStore } from '@relay/account-store'
import { exactModelNames, resolveModel, type Sender, type UpstreamRoute } from '@relay/upstreams'

import { openRoute } from '../relay/choose/upstream-routes.ts'
import { ServerError } from '../server-error.ts'

/** What small requests to stored accounts need. */
export interface DiagnoseRooms {
  readonly store: AccountStore
  readonly sender: Sender
}

/** Which account, and with what. */
export interface StoredTarget {
  readonly account: Account
  /** As the upstream calls it; default: the first name that clients can ask this account for. */
  readonly model?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** An account with what it takes to call it. */
export interface OpenedTarget {
  readonly sender: Sender
  readonly account: Account
  readonly credential: string | undefined
  readonly route: UpstreamRoute
  readonly model: string
  readonly signal?: AbortSignal
}

/**
 * Opens the credential and settles the model.
 *
 * @throws ServerError `invalid_request` when no model is known, or the credential cannot be opened
 */
export async function openTarget({ store, sender }: DiagnoseRooms, target: StoredTarget): Promise<OpenedTarget> {
  const { account, signal } = target
  const model = target.model ?? modelOf(account)
  if (model === undefined) {
    throw new ServerError('invalid_request', `the account "${account.name}" names no model; say which one`, {
      param: '/model',
    })
  }
  const opened = await store.openCredential(account.id)
  if (opened.type === 'unreadable') {
    throw new ServerError('invalid_request', `the credential of "${account.name}" cannot be opened; enter it again`)
  }
  const credential = opened.type === 'opened' ? opened.credential : undefined
  const route = await openRoute(store, account)
  return { sender, account, credential, route, model, ...(signal === undefined ? {} : { signal }) }
}

/** The first name that clients can ask an account for, as it is sent; `undefined` when its map names none. */
export function modelOf(account: Account): string | undefined {
  const asked = exactModelNames(account.models)[0]
  return asked === undefined ? undefined : resolveModel(account.models, asked)
}
