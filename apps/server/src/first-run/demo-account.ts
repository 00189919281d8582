import type { Account, AccountStore } from '@relay/account-store'
import { StoreError } from '@relay/account-store'
import { DEMO_MODEL } from '@relay/upstreams/demo'

/** The model that clients ask for to get the demo's answers. */
export const DEMO_CLIENT_MODEL = 'demo'

const DEMO_NAME = 'demo'
/** Says that the demo account was made once: removed by the operator, it stays away. */
const MADE_SETTING = 'demo-account-made'

/** Whether and how the demo account takes part in this start. */
export interface DemoDecision {
  /** The demo account as it is; `undefined` when there is none yet. */
  readonly account: Account | undefined
  /** Whether its upstream is to be started. */
  readonly isWanted: boolean
}

/**
 * Decides about the demo account: it is made in an empty store, runs while it is there and enabled, and never in production.
 */
export async function decideDemo(store: AccountStore, isProduction: boolean): Promise<DemoDecision> {
  const accounts = await store.listAccounts()
  const account = accounts.find(({ isDemo }) => isDemo)
  if (isProduction) return { account, isWanted: false }
  if (account !== undefined) return { account, isWanted: account.enabled }
  const isEmpty = accounts.length === 0 && (await store.readSetting(MADE_SETTING)) === undefined
  return { account, isWanted: isEmpty }
}

/**
 * Makes the demo account, or tells it where its upstream listens this time: the port is another one at every start.
 *
 * The account has no credential, so that the store lets its address change.
 */
export async function settleDemoAccount(store: AccountStore, account: Account | undefined, url: string): Promise<void> {
  if (account !== undefined) {
    await store.updateAccount(account.id, { baseUrl: url })
    return
  }
  try {
    await store.createAccount({
      name: DEMO_NAME,
      description: 'Built in: answers with prepared text and tool calls. Remove it when you have accounts of your own.',
      type: 'openai-chat',
      baseUrl: url,
      apiFormat: 'openai-chat',
      // Only this name: a canned answer must never pass for a real model's.
      models: { [DEMO_CLIENT_MODEL]: DEMO_MODEL },
      priority: 1000,
      isDemo: true,
    })
  } catch (error) {
    if (!StoreError.is(error) || error.code !== 'name-taken') throw error
    // Another process on the same store was faster; its demo serves both.
  }
  await store.writeSetting(MADE_SETTING, 'yes')
}

/** Switches a demo account off that a production start has found. */
export async function disableDemoAccount(store: AccountStore, account: Account): Promise<void> {
  if (account.enabled) await store.updateAccount(account.id, { enabled: false })
}
