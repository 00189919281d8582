import type { AdminRole } from '@relay/account-store'
import { startFakeUpstream } from '@relay/upstreams/testing'
import type { FakeScript, FakeUpstream } from '@relay/upstreams/testing'

import { PASSWORD } from './admin-harness.ts'
import { openRelay } from './harness.ts'
import type { OpenedRelay, RelaySetup } from './harness.ts'
import { launchBrowser } from './panel-browser.ts'
import { openWindow } from './panel-window.ts'
import type { PanelPage, WindowOptions } from './panel-window.ts'

/** A whole relay with its panel, an upstream, and a browser in which an admin is signed in. */
export interface PanelStage {
  readonly relay: OpenedRelay
  readonly upstream: FakeUpstream
  /** Opens a page of the panel, as its admin, in a window of its own. */
  open(path: string, options?: WindowOptions): Promise<PanelPage>
  /** The same for someone who may only look. */
  openAsAuditor(path: string): Promise<PanelPage>
  close(): Promise<void>
}

/** Opens everything; the relay is set up when its upstream's address is known. */
export async function openPanelStage(
  script: FakeScript,
  setUp: (upstream: FakeUpstream) => RelaySetup,
): Promise<PanelStage> {
  const browser = await launchBrowser()
  const upstream = await startFakeUpstream(script)
  const relay = await openRelay(setUp(upstream))
  const signIn = async (name: string, role: AdminRole): Promise<string> => {
    const user = await relay.store.createAdminUser({ name, password: PASSWORD, mustChangePassword: false, role })
    return (await relay.store.createSession({ userId: user.id })).token
  }
  const admin = await signIn('admin', 'admin')
  const openPage = (path: string, token: string, options?: WindowOptions): Promise<PanelPage> =>
    openWindow(browser, { url: `${relay.url}/admin-next${path}`, token, options })
  return {
    relay,
    upstream,
    open: (path, options) => openPage(path, admin, options),
    openAsAuditor: async (path) => openPage(path, await signIn('looks-only', 'auditor')),
    close: async () => {
      await browser.close()
      await relay.close()
      await upstream.close()
    },
  }
}
