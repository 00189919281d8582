import { z } from 'zod'

/** A schema as the reference shows it: what it is, and the fields that it has. */
const fieldSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
})
const bodySchema = z.looseObject({
  properties: z.record(z.string(), fieldSchema).optional(),
  required: z.array(z.string()).optional(),
})
const contentSchema = z.record(z.string(), z.object({ schema: bodySchema }))

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
        parameters: z.array(z.object({ name: z.string(), required: z.boolean(), schema: fieldSchema })),
        requestBody: z.object({ content: contentSchema }).optional(),
        responses: z.object({ '200': z.object({ content: contentSchema }) }),
      }),
    ),
  ),
})
export type ApiReference = z.infer<typeof apiReferenceSchema>
export type ApiOperation = ApiReference['paths'][string][string]
