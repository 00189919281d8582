import type { FormatName } from '@relay/format-converter'

/** What a client is sent out with. */
export interface PoolErrand {
  readonly relayUrl: string
  readonly relayKey: string
  /** An empty folder for its settings. */
  readonly home: string
  readonly folder: string
  readonly prompt: string
}

/** What it brings back. */
export interface PoolReport {
  /** Its last words. */
  readonly output: string
  /** Answers that broke, or were refused, after all retries of the client itself. */
  readonly brokenAnswers: number
}

/** A client in one way in which it can ask. */
export interface PoolClient {
  readonly name: string
  readonly format: FormatName
  run(errand: PoolErrand): Promise<PoolReport>
}

/** What the SDKs' clients do with a tool call. */
export interface Tool {
  readonly name: 'read' | 'write' | 'bash'
  readonly description: string
  readonly schema: {
    readonly type: 'object'
    readonly properties: Readonly<Record<string, { readonly type: 'string' }>>
    readonly required: string[]
  }
}
