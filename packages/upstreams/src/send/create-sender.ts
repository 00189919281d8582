import type { ResolveHost } from './connector.ts'
import { startExchange } from './exchange.ts'
import type { NetworkGuard } from './network-guard.ts'
import { createPools } from './pools.ts'
import { readWhole } from './read-whole.ts'
import type { Sender } from './upstream-call.ts'

/** Settings of a sender. */
export interface SenderOptions {
  /** Passed by every connection. */
  readonly guard: NetworkGuard
  /** How long an idle connection is kept when the server does not say, in milliseconds. Default 30 s. */
  readonly keepAliveMs?: number
  /** Largest response head, in bytes. Default 64 KB. */
  readonly maxHeaderBytes?: number
  /** Replaces the system's name resolution. */
  readonly resolveHost?: ResolveHost
}

/**
 * Makes the sender through which every request to an upstream goes.
 *
 * HTTP/1.1 over kept connections, one pool for each `poolKey`; no redirects, no proxies but the
 * request's own, no retry except one: a kept connection that turns out to be closed before the first
 * response byte is replaced once by a fresh one.
 */
export function createSender(options: SenderOptions): Sender {
  const pools = createPools({
    guard: options.guard,
    keepAliveMs: options.keepAliveMs ?? 30_000,
    maxHeaderBytes: options.maxHeaderBytes ?? 65_536,
    resolveHost: options.resolveHost,
  })
  const sender: Sender = {
    send: (request, handler) => startExchange(pools, request, handler),
    sendWhole: (request, wholeOptions) => readWhole(sender, request, wholeOptions),
    forget: pools.forget,
    close: pools.close,
  }
  return sender
}
