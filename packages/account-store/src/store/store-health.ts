/** What a store is and how it is. */
export interface StoreHealth {
  readonly backend: 'sqlite' | 'redis'
  readonly schemaVersion: number
  /** Random, made once per data set. */
  readonly instanceId: string
  readonly isReadable: boolean
  readonly isWritable: boolean
  readonly usageQueue: UsageQueueState
  /** What the operator should change about how the store is run, in whole sentences. */
  readonly advice: readonly string[]
}

/** The usage records of this process that are not written yet. */
export interface UsageQueueState {
  readonly waiting: number
  /** Records that found the queue full, since the start. Anything but 0 is an alarm. */
  readonly dropped: number
  /** Why the last batch could not be written; `undefined` when it was. */
  readonly lastError: string | undefined
}
