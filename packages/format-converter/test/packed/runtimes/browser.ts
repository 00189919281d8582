import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { chromium } from 'playwright-core'

import type { Project } from '../project.ts'
import { bundle } from './bundle.ts'
import type { RuntimeResult } from './runtime.ts'

const EXECUTABLES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']

/** A page in a headless Chromium. */
export async function runBrowser(project: Project): Promise<RuntimeResult> {
  const executablePath = EXECUTABLES.find((file) => existsSync(file))
  if (executablePath === undefined) throw new Error(`there is no browser at ${EXECUTABLES.join(', ')}`)
  const script = await bundle(project, "import { smoke } from './smoke.ts'\nglobalThis.smoke = smoke", 'iife')
  const page = '<!doctype html><meta charset="utf-8"><title>smoke</title><script src="/smoke.js"></script>'
  const server = createServer((request, response) => {
    const isScript = request.url === '/smoke.js'
    response.setHeader('content-type', isScript ? 'text/javascript; charset=utf-8' : 'text/html')
    response.end(isScript ? script : page)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  try {
    const tab = await browser.newPage()
    const { port } = server.address() as AddressInfo // a TCP server's address
    await tab.goto(`http://127.0.0.1:${port}/`)
    const checks = await tab.evaluate<readonly string[]>('globalThis.smoke()')
    return { version: `Chromium ${browser.version()}`, checks }
  } finally {
    await browser.close()
    server.close()
  }
}
