import { createContext, Script } from 'node:vm'

import type { Project } from '../project.ts'
import { bundle } from './bundle.ts'
import { readChecks, type RuntimeResult } from './runtime.ts'

/** What a Worker has; everything else, Node's globals above all, is missing. */
const WEB_GLOBALS = {
  AbortController,
  AbortSignal,
  atob,
  Blob,
  btoa,
  crypto,
  Headers,
  ReadableStream,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  TransformStream,
  Uint8Array,
  URL,
}

/** A realm with web globals only, as Workers are. */
export async function runWorker(project: Project): Promise<RuntimeResult> {
  const source =
    "import { smoke } from './smoke.ts'\nsmoke().then(checks => tell(JSON.stringify(checks)), error => tell(String(error)))"
  const script = new Script(await bundle(project, source, 'iife'))
  const told = new Promise<string>((tell) => {
    const realm = createContext({ ...WEB_GLOBALS, tell })
    const missing = new Script('[typeof process, typeof Buffer, typeof require, typeof global].join()').runInContext(
      realm,
    )
    if (missing !== 'undefined,undefined,undefined,undefined') throw new Error(`Node shows through: ${missing}`)
    script.runInContext(realm)
  })
  return { version: `node:vm ${process.versions.node}`, checks: readChecks(await told) }
}
