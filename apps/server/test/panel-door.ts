import type { Browser } from 'playwright-core'

import { startTcpBalancer } from './tcp-balancer.ts'
import type { TcpBalancer } from './tcp-balancer.ts'

/** An address of the browser's own, behind which one relay after the other stands: the panel's files are fetched and compiled once. */
export interface PanelDoor {
  readonly url: string
  /** Leaves it to the next relay. */
  close(): void
}

const free = new WeakMap<Browser, TcpBalancer[]>()

/**
 * Opens a door that leads to a relay.
 *
 * @param to - where the relay listens on this machine
 */
export async function openDoor(browser: Browser, to: string): Promise<PanelDoor> {
  const doors = free.get(browser) ?? []
  free.set(browser, doors)
  const door = doors.pop() ?? (await build(browser))
  door.use([Number(new URL(to).port)])
  return {
    url: door.url,
    close() {
      door.use([])
      door.cut() // a browser opens connections before it needs them, for which a server that closes would wait
      doors.push(door)
    },
  }
}

async function build(browser: Browser): Promise<TcpBalancer> {
  const door = await startTcpBalancer()
  browser.on('disconnected', () => void door.close())
  return door
}
