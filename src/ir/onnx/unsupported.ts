import { OperatorFault } from '../ops/operator.js';

interface Advice {
  readonly why: string;
  readonly instead: string;
}

const CONTROL_FLOW: Advice = {
  why: 'control flow cannot be compiled',
  instead: 'Export the model so that no branch or loop depends on data, or run it outside of the model.',
};
const SEQUENCE: Advice = {
  why: 'lists of tensors cannot be compiled',
  instead: 'Export the model with plain tensors, for instance Split and Concat in place of sequences.',
};
const DETECTION: Advice = {
  why: 'how much it returns depends on the data',
  instead: 'Cut the model before its post-processing and run that in the application.',
};
const SPECTRUM: Advice = {
  why: 'it belongs to the pre-processing',
  instead: 'Cut the model after it and compute its result in the application.',
};
const RANDOM: Advice = { why: 'its result is random', instead: 'Export the model in evaluation mode.' };
const TEXT: Advice = { why: 'text cannot be compiled', instead: 'Process text in the application.' };
const EXPERIMENTAL: Advice = {
  why: 'it was experimental and ONNX has removed it',
  instead: 'Export the model with a newer opset.',
};
const OTHER: Advice = {
  why: 'quantc does not know it',
  instead: 'Express it through simpler operators, or run this part of the model in the application.',
};

const ADVICE: readonly (readonly [Advice, readonly string[]])[] = [
  [CONTROL_FLOW, ['If', 'Loop', 'Scan']],
  [
    SEQUENCE,
    [
      'SequenceAt',
      'SequenceConstruct',
      'SequenceEmpty',
      'SequenceErase',
      'SequenceInsert',
      'SequenceLength',
      'SequenceMap',
      'SplitToSequence',
      'ConcatFromSequence',
      'Optional',
      'OptionalGetElement',
      'OptionalHasElement',
    ],
  ],
  [DETECTION, ['NonMaxSuppression', 'Unique', 'Compress', 'RoiAlign', 'MaxRoiPool']],
  [SPECTRUM, ['STFT', 'DFT', 'MelWeightMatrix', 'HannWindow', 'HammingWindow', 'BlackmanWindow', 'ImageDecoder']],
  [RANDOM, ['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Bernoulli', 'Multinomial']],
  [TEXT, ['StringConcat', 'StringNormalizer', 'StringSplit', 'RegexFullMatch', 'TfIdfVectorizer']],
  [
    EXPERIMENTAL,
    [
      'ATen',
      'Affine',
      'Crop',
      'GRUUnit',
      'GivenTensorFill',
      'ImageScaler',
      'ParametricSoftplus',
      'Scale',
      'ScaledTanh',
    ],
  ],
];

const ADVICE_OF = new Map(ADVICE.flatMap(([advice, ops]) => ops.map((op) => [op, advice] as const)));

/** Why an operator of ai.onnx is refused and what can stand in its place. */
export function unsupportedOperator(op: string): OperatorFault {
  if (op === '') return new OperatorFault('invalid-model', 'the node names no operator', 'Export the model anew.');
  const { why, instead } = ADVICE_OF.get(op) ?? OTHER;
  return new OperatorFault('unsupported-operator', `the operator ${op} is not supported: ${why}`, instead);
}

const DOMAINS = new Map<string, string>([
  ['com.microsoft', 'Give the model as it was before ONNX Runtime optimised or quantised it.'],
  ['com.microsoft.nchwc', 'Give the model as it was before ONNX Runtime optimised it.'],
  ['ai.onnx.ml', 'Only neural networks can be compiled: run this part of the model in the application.'],
  ['ai.onnx.contrib', 'Remove the pre- and post-processing of onnxruntime-extensions and run it in the application.'],
  ['ai.onnx.training', 'Export the model for inference.'],
  ['ai.onnx.preview.training', 'Export the model for inference.'],
]);

/** Why an operator of another domain is refused. */
export function foreignOperator(op: string, domain: string): OperatorFault {
  return new OperatorFault(
    'unsupported-operator',
    `the operator ${op} of domain '${domain}' is not supported, only those of ai.onnx are accepted`,
    DOMAINS.get(domain) ?? 'Express it through operators of ai.onnx.',
  );
}
