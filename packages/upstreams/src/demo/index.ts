export { DEMO_MODEL, startDemoUpstream } from './demo-upstream.ts'
export type { DemoOptions, DemoUpstream } from './demo-upstream.ts'
