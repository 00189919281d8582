/**
 * A `fetch` that lets any SDK talk to a server of another format.
 *
 * @packageDocumentation
 */
export { createFetch } from './create-fetch.ts'
export type { FetchOptions } from './create-fetch.ts'
