import type { Worker } from 'node:cluster'

/** What goes to a worker with a message: a connection that it shall serve. */
interface HandedOver {
  close(): void
}

/**
 * Node hands connections to a worker one by one, and keeps each until the worker has taken it. Of a worker that dies before
 * that nobody closes the one that is on its way: whoever is behind it would wait for ever, where a client that sees its
 * connection end asks again.
 */
export function closeHandedOver(worker: Worker): void {
  const child = worker.process
  const send = child.send.bind(child) as (...words: unknown[]) => boolean // its overloads differ in what may be left out
  let last: HandedOver | undefined
  child.send = (...words: unknown[]): boolean => {
    const [, handle] = words
    if (isHandle(handle)) last = handle
    return send(...words)
  }
  // One that was taken is closed here already; then this does nothing.
  worker.once('exit', () => last?.close())
}

function isHandle(value: unknown): value is HandedOver {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function'
}
