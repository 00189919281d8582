export type { OpenedStores, OpenStores } from './stage.ts'
export { storeConformance } from './store-conformance.ts'
export type { ConformanceTest } from './store-conformance.ts'
