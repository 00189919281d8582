import {
  ADMIN_API_PATH,
  backupFactsSchema,
  crsOutcomeSchema,
  dataExportedSchema,
  dataStateSchema,
  exportFactsSchema,
  keyRotatedSchema,
  renewingSchema,
  uploadedSchema,
} from '@relay/server/admin-contract'
import type {
  BackupFactsView,
  CrsInput,
  CrsOutcome,
  DataExported,
  DataExportInput,
  DataImportInput,
  DataState,
  ExportFacts,
  KeyRotated,
  Renewing,
  RestoreInput,
  RotateKeyInput,
  Uploaded,
} from '@relay/server/admin-contract'

import { call, callLong, upload } from './call.ts'

/** Told how many objects are done. */
export type Tell = (count: number) => void

/** The data set as a whole: out, in, back, over from another relay, and under another key. */
export const dataApi = {
  getDataState: (): Promise<DataState> => call({ path: '/data', answer: dataStateSchema }),
  uploadFile: (file: Blob): Promise<Uploaded> => upload('/data/files', file, uploadedSchema),
  exportData: (body: DataExportInput, tell: Tell): Promise<DataExported> =>
    callLong({ path: '/data/export', body, answer: dataExportedSchema, tell }),
  lookAtExport: (file: string, tell: Tell): Promise<ExportFacts> =>
    callLong({ path: '/data/import', body: { file, isDryRun: true }, answer: exportFactsSchema, tell }),
  importData: (body: Omit<DataImportInput, 'isDryRun'>, tell: Tell): Promise<Renewing> =>
    callLong({ path: '/data/import', body: { ...body, isDryRun: false }, answer: renewingSchema, tell }),
  lookAtBackup: (body: Omit<RestoreInput, 'isDryRun'>, tell: Tell): Promise<BackupFactsView> =>
    callLong({ path: '/data/restore', body: { ...body, isDryRun: true }, answer: backupFactsSchema, tell }),
  restoreData: (body: Omit<RestoreInput, 'isDryRun'>, tell: Tell): Promise<Renewing> =>
    callLong({ path: '/data/restore', body: { ...body, isDryRun: false }, answer: renewingSchema, tell }),
  importCrs: (body: CrsInput, tell: Tell): Promise<CrsOutcome> =>
    callLong({ path: '/data/import-crs', body, answer: crsOutcomeSchema, tell }),
  rotateEncryptionKey: (body: RotateKeyInput, tell: Tell): Promise<KeyRotated> =>
    callLong({ path: '/data/rotate-key', body, answer: keyRotatedSchema, tell }),
}

/** Where a file that was made can be had. */
export function dataFileAddress(id: string): string {
  return `${ADMIN_API_PATH}/data/files/${encodeURIComponent(id)}`
}
