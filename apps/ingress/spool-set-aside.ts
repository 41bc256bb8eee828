import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@switchyard/telemetry';
import { FILE_MODE, openFile, readUpTo, syncDirectory, writeWhole } from './spool-disk.ts';
import type { Stretch } from './spool-record.ts';
import { type Segment, segmentName } from './spool-segment.ts';

/** Torn by a crash, changed on disk, of another version or not given back by the disk, refused by Redis. */
export type SetAside = 'torn' | 'damaged' | 'unreadable' | 'rejected';

/** Puts what can't be drained where nobody trips over it and somebody can look at it. Says so, loudly. */
export interface SettingAside {
  /** Copies a part of a segment to `<segment>.<reason>-<offset>`. The segment itself stays as it is. */
  part(segment: Segment, stretch: Stretch, reason: SetAside): Promise<void>;
  /** Renames a whole segment to `<segment>.unreadable`. */
  whole(segment: Segment, error: unknown): Promise<void>;
}

export function createSetAside(
  dir: string,
  log: Logger,
  onSetAside: (reason: SetAside) => void = () => {},
): SettingAside {
  return {
    async part(segment, stretch, reason) {
      const name = `${segmentName(segment.number)}.${reason}-${stretch.start}`;
      if (!(await copyOnce(dir, name, segment, stretch))) return;
      onSetAside(reason);
      const bytes = stretch.end - stretch.start;
      // What a crash tore was not acknowledged to anyone; the rest was, and someone has to look.
      const level = reason === 'torn' ? 'warn' : 'error';
      log[level]({ file: join(dir, name), bytes, reason }, 'a part of the spool was set aside');
    },
    async whole(segment, error) {
      const file = `${segment.path}.unreadable`;
      await segment.file.close().catch(() => {});
      await rename(segment.path, file);
      await syncDirectory(dir);
      onSetAside('unreadable');
      log.error({ err: error, file, records: segment.records }, 'a segment of the spool was set aside');
    },
  };
}

/** @returns false when an earlier life has done it already. */
async function copyOnce(dir: string, name: string, segment: Segment, part: Stretch): Promise<boolean> {
  const file = await openFile(join(dir, name), 'wx', FILE_MODE).catch((error: unknown) => {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EEXIST') return null;
    throw error;
  });
  if (file === null) return false;
  try {
    await writeWhole(file, await readUpTo(segment.file, part.start, part.end - part.start));
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dir);
  return true;
}

/** The disk can't give back what it holds. Anything else (no permission, no space) is for the operator to mend. */
export function isInputError(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'EIO';
}
