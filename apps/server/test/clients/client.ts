import type { FormatName } from '@relay/format-converter'

import type { ClientName } from './install-clients.ts'

/** What a client asks beside its task: a title for the session, a search of the web, the size of its context. */
export type SideRequest = 'title' | 'web-search' | 'count'

/** A client in one of the ways in which it can be set up. */
export interface ClientSetup {
  readonly client: ClientName
  /** What is particular about this set-up. */
  readonly variant: string
  /** The format in which it asks. */
  readonly format: FormatName
  /** Side requests that it makes in every run, beside those of the task. */
  readonly sideRequests: readonly SideRequest[]
  run(errand: Errand): Promise<ClientReport>
}

/** What a client is sent out with. */
export interface Errand {
  readonly program: readonly string[]
  readonly relayUrl: string
  readonly relayKey: string
  /** An empty folder for its settings. */
  readonly home: string
  readonly folder: string
  readonly prompt: string
}

/** What a client says of its run. */
export interface ClientReport {
  /** Its last words. */
  readonly output: string
  /** Errors it ended with or told of. */
  readonly troubles: readonly string[]
  /** Tokens it counted; `undefined` where it does not say. */
  readonly tokens: { readonly input: number; readonly output: number } | undefined
}
