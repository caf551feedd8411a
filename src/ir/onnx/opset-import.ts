import { toNumber, type ModelMessage } from './proto.js';

/** A domain with the one name of the default domain, which files write in three ways. */
export const domainOf = (domain: string | null | undefined): string => (domain === 'ai.onnx' ? '' : (domain ?? ''));

/** The versions of ai.onnx that a model or a function imports; the last one counts, as in ONNX Runtime. */
export const importedOpsets = (imports: ModelMessage['opsetImport']): number[] =>
  (imports ?? []).filter(({ domain }) => domainOf(domain) === '').map(({ version }) => toNumber(version));
