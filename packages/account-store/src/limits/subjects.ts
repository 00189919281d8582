/** Whose counters those of an account are. */
export function accountSubject(accountId: string): string {
  return `account:${accountId}`
}

/** The name of an account's quota among the counters. */
export const QUOTA_BOUND = 'quota'
