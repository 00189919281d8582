import type { Account } from '../account.ts'
import type { Grace } from '../away/grace.ts'
import type { AccountDocument } from './account-documents.ts'
import type { ChangeFeed } from './change-feed.ts'

/** Accounts as every request reads them: from memory. */
export interface AccountView {
  list(): Promise<readonly Account[]>
  document(id: string): Promise<AccountDocument | undefined>
  /** As it is in Redis now. */
  freshDocument(id: string): Promise<AccountDocument | undefined>
}

/** Reads accounts from this node's copy; while Redis is away, from what was known last, for as long as grace lasts. */
export function createAccountView(feed: ChangeFeed, grace: Grace): AccountView {
  let documents: readonly AccountDocument[] = []
  let listed: readonly Account[] = []

  async function list(): Promise<readonly Account[]> {
    await grace.orMemory(feed.catchUp())
    const sorted = feed.sorted()
    if (sorted !== documents) {
      documents = sorted
      listed = sorted.map(({ account }) => account)
    }
    return listed
  }

  async function document(id: string): Promise<AccountDocument | undefined> {
    await grace.orMemory(feed.catchUp())
    // One that is not in memory may have been made by another node a moment ago.
    return feed.accounts().get(id) ?? freshDocument(id)
  }

  async function freshDocument(id: string): Promise<AccountDocument | undefined> {
    feed.expire()
    await grace.orMemory(feed.catchUp())
    return feed.accounts().get(id)
  }

  return { list, document, freshDocument }
}
