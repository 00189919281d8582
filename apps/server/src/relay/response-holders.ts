const MAX_RESPONSES = 10_000

/** Where a response was made. */
export interface ResponseHolder {
  /** The relay key that it was made for. */
  readonly keyId: string
  readonly accountId: string
}

/** Which account's upstream may have kept which response. */
export interface ResponseHolders {
  note(responseId: string, holder: ResponseHolder): void
  /** The client has deleted the response. */
  forget(responseId: string): void
  find(responseId: string): ResponseHolder | undefined
}

/** Remembers them in this process, the last ones only: without it the upstream itself says whether it knows a response. */
export function createResponseHolders(): ResponseHolders {
  const holders = new Map<string, ResponseHolder>()
  return {
    note: (responseId, holder) => {
      holders.delete(responseId)
      holders.set(responseId, holder)
      const oldest = holders.keys().next().value
      if (holders.size > MAX_RESPONSES && oldest !== undefined) holders.delete(oldest)
    },
    forget: (responseId) => void holders.delete(responseId),
    find: (responseId) => holders.get(responseId),
  }
}
