/** Globals that Node defines by getters, as the bundle binds them once. */
export { Buffer } from 'node:buffer'
export { performance } from 'node:perf_hooks'
