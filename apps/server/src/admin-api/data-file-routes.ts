import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'

import { FileTooLarge } from '../upkeep/file-desk.ts'
import { refuse } from './admin-answer.ts'
import type { AdminContext } from './admin-rooms.ts'
import { uploadedSchema } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** Ending of files that were made here. What was uploaded goes to nobody. */
const MADE = '.gz'

/** Files of the data set on their way in or out; each is there for an hour at most. */
export function addDataFileRoutes({ rooms: { data }, add }: AdminRouter): void {
  add(
    {
      method: 'POST',
      path: '/data/files',
      summary: 'Takes in a file for an import or a restore, at most 500 MB within two minutes; it is kept for an hour.',
      role: 'admin',
      scope: 'backup',
      consumes: 'application/octet-stream',
      answer: uploadedSchema,
    },
    async ({ context }) => {
      const { body } = context.req.raw
      if (body === null) return refuse(context, { code: 'invalid-request', message: 'There is no file in the body.' })
      try {
        return await data.files.receive(body)
      } catch (error) {
        if (!(error instanceof FileTooLarge)) throw error
        return refuse(context, { code: 'body-too-large', message: 'The file is too large; use the command instead.' })
      }
    },
  )
  add(
    {
      method: 'GET',
      path: '/data/files/:id',
      summary: 'Gives a file that an export has made.',
      role: 'admin',
      scope: 'backup',
      produces: 'application/gzip',
    },
    async ({ context, part }) => sendFile(context, part('id').endsWith(MADE) ? data.files.find(part('id')) : undefined),
  )
  add(
    {
      method: 'DELETE',
      path: '/data/files/:id',
      summary: 'Removes a file before its hour is over.',
      role: 'admin',
      scope: 'backup',
    },
    async ({ part }) => data.files.remove(part('id')).then(() => undefined),
  )
}

function sendFile(context: AdminContext, path: string | undefined): Response {
  if (path === undefined) return refuse(context, { code: 'not-found', message: 'This file is not here any more.' })
  const day = new Date().toISOString().slice(0, 10)
  // Sound: Node's web streams are those of the language, which the types of both do not know of each other.
  return context.body(Readable.toWeb(createReadStream(path)) as ReadableStream, 200, {
    'Content-Type': 'application/gzip',
    'Content-Disposition': `attachment; filename="relay-${day}.export.gz"`,
  })
}
