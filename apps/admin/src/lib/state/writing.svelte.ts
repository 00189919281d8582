let count = $state(0)

/** Whether something that was asked of the relay is on its way. */
export const writing = {
  get isUnderWay(): boolean {
    return count > 0
  },
  /** Counts it until it has ended. */
  async during<Value>(asked: Promise<Value>): Promise<Value> {
    count += 1
    try {
      return await asked
    } finally {
      count -= 1
    }
  },
}
