import { platform, setPriority } from 'node:os'
import { parentPort, type Transferable } from 'node:worker_threads'

import { ERRANDS } from './errands.ts'
import { type ErrandCall, type ErrandReply, packError } from './messages.ts'

/** Streams go first where processors are few. Only Linux has a priority for a single thread; elsewhere it is the process's. */
const NICE = 5
giveWay()

/** The thread: does one errand after the other. */
parentPort?.on('message', (call: ErrandCall) => {
  const reply = answer(call)
  parentPort?.postMessage(reply, reply.ok ? ownedBytes(reply.result) : [])
})

function giveWay(): void {
  try {
    if (platform() === 'linux') setPriority(NICE)
  } catch {
    // a sandbox forbids it: then both have the same share of a processor
  }
}

function answer({ name, input }: ErrandCall): ErrandReply {
  try {
    const perform = ERRANDS[name] as (errand: unknown) => unknown // the caller's types keep name and input together
    return { ok: true, result: perform(input) }
  } catch (error) {
    return { ok: false, error: packError(error) }
  }
}

/** Bytes that were written here go over without being copied. */
function ownedBytes(result: unknown): Transferable[] {
  return Object.values(Object(result) as object).flatMap((value: unknown) => {
    if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) return []
    return value.buffer.byteLength === value.byteLength ? [value.buffer] : []
  })
}
