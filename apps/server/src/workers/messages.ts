/** What the first process says to a worker. */
export type OrderToWorker =
  | { readonly type: 'relay:stop'; readonly signal: NodeJS.Signals }
  /** All workers' metrics as Prometheus text; `undefined` when they could not be added up. */
  | { readonly type: 'relay:metrics'; readonly id: number; readonly text: string | undefined }

/** What a worker says to the first process. */
export type WordOfWorker =
  /** It serves. */
  | { readonly type: 'relay:ready' }
  /** Somebody asks it for the metrics of all. */
  | { readonly type: 'relay:metrics'; readonly id: number }

/** In the environment of a worker: the part it has, one of {@link WorkerPart}. */
export const PART_VARIABLE = 'RELAY_WORKER_PART'

/**
 * - `first`: does what is done once in a start.
 * - `again`: stands in for a first worker that died.
 * - `further`: only serves.
 */
export type WorkerPart = 'first' | 'again' | 'further'
