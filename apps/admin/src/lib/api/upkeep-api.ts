import {
  aboutSchema,
  apiReferenceSchema,
  backupListSchema,
  captureDefaultsSchema,
  networkGuardSchema,
  ownPricesSchema,
  priceCheckSchema,
  priceTableSchema,
  retentionSchema,
  routingSchema,
} from '@relay/server/admin-contract'
import type {
  About,
  ApiReference,
  BackupList,
  CaptureDefaultsView,
  NetworkGuardView,
  OwnPrices,
  PriceCheck,
  PriceTableView,
  Retention,
  RoutingInput,
  RoutingView,
} from '@relay/server/admin-contract'

import { call } from './call.ts'

/** A backup of a large store takes its time. */
const BACKUP_TIMEOUT_MS = 600_000
const PRICES_TIMEOUT_MS = 90_000

/** What is running here, what is kept how long, what things cost, and backups. */
export const upkeepApi = {
  getAbout: (): Promise<About> => call({ path: '/about', answer: aboutSchema }),
  getReference: (): Promise<ApiReference> => call({ path: '/openapi.json', answer: apiReferenceSchema }),
  getNetworkGuard: (): Promise<NetworkGuardView> => call({ path: '/network-guard', answer: networkGuardSchema }),
  getRetention: (): Promise<Retention> => call({ path: '/settings/retention', answer: retentionSchema }),
  setRetention: (body: Retention): Promise<Retention> =>
    call({ method: 'PUT', path: '/settings/retention', body, answer: retentionSchema }),
  getRouting: (): Promise<RoutingView> => call({ path: '/settings/routing', answer: routingSchema }),
  setRouting: (body: RoutingInput): Promise<RoutingView> =>
    call({ method: 'PUT', path: '/settings/routing', body, answer: routingSchema }),
  getPriceTable: (): Promise<PriceTableView> => call({ path: '/prices', answer: priceTableSchema }),
  /** The relay asks the address; a large table takes its time. */
  updatePriceTable: (body: { url: string } | { content: string; source: string }): Promise<PriceTableView> =>
    call({ method: 'POST', path: '/prices/update', body, answer: priceTableSchema, timeoutMs: PRICES_TIMEOUT_MS }),
  resetPriceTable: (): Promise<PriceTableView> =>
    call({ method: 'POST', path: '/prices/reset', answer: priceTableSchema }),
  getCaptureDefaults: (): Promise<CaptureDefaultsView> =>
    call({ path: '/settings/capture', answer: captureDefaultsSchema }),
  setCaptureDefaults: (body: CaptureDefaultsView): Promise<CaptureDefaultsView> =>
    call({ method: 'PUT', path: '/settings/capture', body, answer: captureDefaultsSchema }),
  getOwnPrices: (): Promise<OwnPrices> => call({ path: '/prices/own', answer: ownPricesSchema }),
  checkOwnPrices: (text: string): Promise<PriceCheck> =>
    call({ method: 'POST', path: '/prices/own/check', body: { text }, answer: priceCheckSchema }),
  setOwnPrices: (text: string): Promise<OwnPrices> =>
    call({ method: 'PUT', path: '/prices/own', body: { text }, answer: ownPricesSchema }),
  listBackups: (): Promise<BackupList> => call({ path: '/backups', answer: backupListSchema }),
  makeBackup: (): Promise<BackupList> =>
    call({ method: 'POST', path: '/backups', answer: backupListSchema, timeoutMs: BACKUP_TIMEOUT_MS }),
}
