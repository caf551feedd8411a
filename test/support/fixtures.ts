import { readFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** Path of a file in fixtures/. */
export const fixturePath = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, ROOT));

/** Bytes of a file in fixtures/. */
export const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(fixturePath(name)));

/** Path of a file of the larger reference data beside the repository; not every checkout has them. */
export const sharedPath = (name: string): string => fileURLToPath(new URL(`../shared/${name}`, ROOT));

export const hasShared = (name: string): boolean => existsSync(sharedPath(name));

export const shared = (name: string): Uint8Array => new Uint8Array(readFileSync(sharedPath(name)));
