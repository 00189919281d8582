/**
 * Bundles the page and serves it: `node main.ts`, then open the address that it prints. `--check` opens it in a headless
 * browser, reads what it shows, and ends.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import { chromium } from 'playwright-core'

const BROWSERS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2023',
  write: false,
})
const script = outputFiles[0]?.text ?? ''
const page = readFileSync(new URL('index.html', import.meta.url))

const server = createServer((request, response) => {
  const isScript = request.url === '/page.js'
  response.setHeader('content-type', isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8')
  response.end(isScript ? script : page)
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

if (process.argv.includes('--check')) {
  await check().finally(() => server.close())
} else {
  console.log(`open ${url}`)
}

async function check(): Promise<void> {
  const executablePath = BROWSERS.find((file) => existsSync(file))
  if (executablePath === undefined) {
    if (process.env['CI'] === 'true') throw new Error(`there is no browser at ${BROWSERS.join(' or ')}`)
    return console.log(`no browser at ${BROWSERS.join(' or ')}: not checked`)
  }
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  try {
    const tab = await browser.newPage()
    await tab.goto(url)
    const converted = JSON.parse(await tab.locator('#converted').innerText()) as { messages: unknown }
    assert.deepEqual(converted.messages, [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'What is a relay?' },
    ])
    const losses = await tab.locator('#losses li').allInnerTexts()
    assert(
      losses.some((loss) => loss.includes('/top_k')),
      'the page says that top_k is lost',
    )
    await tab.locator('#body').fill('{"model":"m"}')
    assert.match(await tab.locator('#converted').innerText(), /^\/max_tokens|^\/messages/)
    console.log(`page: what is lost is shown (${losses.length}), a wrong request is refused by name`)
  } finally {
    await browser.close()
  }
}
