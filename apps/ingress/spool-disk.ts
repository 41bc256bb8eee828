import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How the spool opens files; another one in tests, whose disk fails on demand. */
export type OpenFile = (path: string, flags: string, mode?: number) => Promise<FileHandle>;

/** Deliveries are customers' data: nobody but the ingress's user reads them. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

export const openFile: OpenFile = (path, flags, mode) => open(path, flags, mode);

/** Writes all of it; a disk that is nearly full takes a part. */
export async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, null);
    at += bytesWritten;
  }
}

/** Reads up to `length` bytes; fewer only where the file ends. */
export async function readUpTo(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** A new or removed name in a directory is durable only once the directory itself is on disk. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** A file with this content or, after a crash, the one before it; never half of it. */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', FILE_MODE);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(dirname(path));
}
