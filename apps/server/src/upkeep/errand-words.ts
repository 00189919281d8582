import type { AuditObject } from '@relay/account-store'

/** Says to a process of the `relay` command that the server has sent it; it tells the server how it goes. */
export const ERRAND_VARIABLE = 'RELAY_ERRAND'

/** What an errand has done, for the log of actions; the server knows who asked for it. */
export interface ErrandDeed {
  readonly action: string
  readonly object?: AuditObject | undefined
  readonly before?: object | undefined
  readonly after?: object | undefined
}

/** What such a process says to the server. */
export type ErrandWord =
  | { readonly type: 'relay:progress'; readonly count: number }
  | { readonly type: 'relay:deed'; readonly deed: ErrandDeed }
