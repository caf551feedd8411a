import type { ModelMetadata } from './imported-model.js';
import { importedOpsets } from './opset-import.js';
import type { Problems } from './problems.js';
import { toNumber, type ModelMessage } from './proto.js';

/** Reads the head of a model; reports a missing or unknown opset and what belongs to training. */
export function readMetadata(model: ModelMessage, maxOpset: number, problems: Problems): ModelMetadata {
  const irVersion = toNumber(model.irVersion);
  if (irVersion < 1) problems.error('invalid-model', 'the file declares no IR version, so it is no ONNX model');
  if ((model.trainingInfo?.length ?? 0) > 0) {
    problems.error(
      'training-info',
      'the model carries instructions for training, only inference is accepted',
      {},
      'Export the model for inference.',
    );
  }
  return {
    irVersion,
    opset: readOpset(model, irVersion, maxOpset, problems),
    producer: model.producerName ?? '',
    producerVersion: model.producerVersion ?? '',
    domain: model.domain ?? '',
    modelVersion: toNumber(model.modelVersion),
    docString: model.docString ?? '',
    metadataProps: new Map((model.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
  };
}

/** Models of IR 1 and 2 had no imports; theirs is opset 1. */
function readOpset(model: ModelMessage, irVersion: number, maxOpset: number, problems: Problems): number {
  const versions = importedOpsets(model.opsetImport);
  const opset = versions.at(-1);
  if (opset === undefined) {
    if (irVersion >= 3) {
      problems.error('invalid-opset', `the model does not import ai.onnx, opsets 1 to ${maxOpset} are accepted`);
    }
    return 1;
  }
  if (new Set(versions).size > 1) {
    problems.warning(
      'invalid-opset',
      `the model imports ai.onnx in versions ${versions.join(' and ')}; ${opset} counts`,
    );
  }
  if (opset < 1 || opset > maxOpset) {
    problems.error(
      'invalid-opset',
      `the model is of opset ${opset}, opsets 1 to ${maxOpset} are accepted`,
      {},
      opset > maxOpset ? `Export the model with opset ${maxOpset} or lower.` : undefined,
    );
  }
  return opset;
}
