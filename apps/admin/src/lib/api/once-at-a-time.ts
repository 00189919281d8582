/** Does something, unless the same is being done: then that is waited for. */
export type OnceAtATime = <Value>(name: string, act: () => Promise<Value>) => Promise<Value>

/** Makes a memory of what is being done; what has ended may be done again. */
export function createOnceAtATime(): OnceAtATime {
  const running = new Map<string, Promise<unknown>>()

  return async <Value>(name: string, act: () => Promise<Value>): Promise<Value> => {
    const known = running.get(name)
    if (known !== undefined) return known as Promise<Value> // one name is always asked with one kind of answer
    const begun = act().finally(() => running.delete(name))
    running.set(name, begun)
    return begun
  }
}
