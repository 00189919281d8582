import * as z from 'zod'

/** JSON Schema as it comes; the page reads of it what it shows. */
const schemaSchema = z.record(z.string(), z.unknown())
const contentSchema = z.record(z.string(), z.object({ schema: schemaSchema }))

/** `GET /openapi.json`, as far as a page shows it. */
export const apiReferenceSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        tags: z.array(z.string()),
        summary: z.string(),
        'x-least-role': z.string(),
        'x-token-scope': z.string(),
        parameters: z.array(z.object({ name: z.string(), required: z.boolean(), schema: schemaSchema })),
        requestBody: z.object({ content: contentSchema }).optional(),
        responses: z.object({ '200': z.object({ content: contentSchema }) }),
      }),
    ),
  ),
})
export type ApiReference = z.infer<typeof apiReferenceSchema>
export type ApiOperation = ApiReference['paths'][string][string]
