import { describe } from 'vitest';
import { gru, lstm, rnn } from '../../../src/ir/ops/recurrent.js';
import { inferenceTable } from '../../support/inference-table.js';

const weights = (directions: number, rows: number): { shape: number[] }[] => [
  { shape: [directions, rows, 3] },
  { shape: [directions, rows, 2] },
];
const x = { shape: ['T', 'N', 3] };
const int32 = (...shape: (number | string)[]): { shape: (number | string)[]; dtype: 'int32' } => ({
  shape,
  dtype: 'int32',
});

describe('shapes of recurrent layers', () => {
  inferenceTable(lstm, [
    {
      title: 'all results',
      inputs: [x, ...weights(1, 8)],
      outputs: 3,
      gives: [
        ['T', 1, 'N', 2],
        [1, 'N', 2],
        [1, 'N', 2],
      ],
    },
    {
      title: 'both directions',
      inputs: [x, ...weights(2, 8)],
      attrs: { direction: 'bidirectional', hidden_size: 2 },
      outputs: 2,
      gives: [
        ['T', 2, 'N', 2],
        [2, 'N', 2],
      ],
    },
    {
      title: 'the batch axis first',
      inputs: [{ shape: ['N', 5, 3] }, ...weights(1, 8)],
      attrs: { layout: 1 },
      outputs: 2,
      gives: [
        ['N', 5, 1, 2],
        ['N', 1, 2],
      ],
    },
    {
      title: 'every input',
      inputs: [
        x,
        ...weights(1, 8),
        { shape: [1, 16] },
        int32(4),
        { shape: [1, 4, 2] },
        { shape: [1, 'N', 2] },
        { shape: [1, 6] },
      ],
      gives: ['T', 1, 4, 2],
    },
    {
      title: 'weights whose recurrence is symbolic',
      inputs: [x, { shape: [1, 8, 3] }, { shape: [1, 'R', 'H'] }],
      gives: ['T', 1, 'N', 2],
    },
    {
      title: 'weights that do not divide into gates',
      inputs: [x, ...weights(1, 7)],
      fault: ['shape-mismatch', 'weights 1x7x3 and 1x7x2, which do not agree on one hidden size for 4 gates'],
    },
    {
      title: 'another hidden size',
      inputs: [x, ...weights(1, 8)],
      attrs: { hidden_size: 3 },
      fault: ['shape-mismatch', 'and hidden_size 3, which do not agree'],
    },
    {
      title: 'weights of one direction for two',
      inputs: [x, ...weights(1, 8)],
      attrs: { direction: 'bidirectional' },
      fault: ['shape-mismatch', 'the weight of LSTM has shape 1x8x3, accepted: 2x8x3'],
    },
    {
      title: 'peepholes of another size',
      inputs: [x, ...weights(1, 8), undefined, undefined, undefined, undefined, { shape: [1, 8] }],
      fault: ['shape-mismatch', 'the peephole weight of LSTM has shape 1x8, accepted: 1x6'],
    },
    {
      title: 'too few functions',
      inputs: [x, ...weights(1, 8)],
      attrs: { activations: ['Sigmoid'] },
      fault: ['invalid-attribute', 'names 1 functions, 3 are accepted'],
    },
    {
      title: 'an unknown function',
      inputs: [x, ...weights(1, 8)],
      attrs: { activations: ['Sigmoid', 'Tanh', 'Gelu'] },
      fault: ['unsupported-attribute', 'names "Gelu", accepted: Relu'],
    },
    {
      title: 'a function without its parameters',
      inputs: [x, ...weights(1, 8)],
      attrs: { activations: ['Sigmoid', 'Tanh', 'Affine'], activation_alpha: [0.5] },
      fault: ['invalid-attribute', 'LSTM has the activation Affine, which needs an entry'],
    },
    {
      title: 'a negative clip',
      inputs: [x, ...weights(1, 8)],
      attrs: { clip: { float: -1 } },
      fault: ['invalid-attribute', 'attribute clip of LSTM is -1'],
    },
    {
      title: 'data of rank 2',
      inputs: [{ shape: [4, 3] }, ...weights(1, 8)],
      fault: ['shape-mismatch', 'rank 3 is accepted'],
    },
  ]);

  inferenceTable(gru, [
    {
      title: 'three gates',
      inputs: [x, ...weights(1, 6)],
      outputs: 2,
      gives: [
        ['T', 1, 'N', 2],
        [1, 'N', 2],
      ],
    },
    {
      title: 'initial states of another size',
      inputs: [x, ...weights(1, 6), undefined, undefined, { shape: [1, 'N', 5] }],
      fault: ['shape-mismatch', 'the initial hidden state of GRU has shape 1xNx5, accepted: 1xNx2'],
    },
    {
      title: 'lengths of another type',
      inputs: [x, ...weights(1, 6), undefined, { shape: ['N'], dtype: 'int64' }],
      fault: ['unsupported-type', 'input 4 of GRU is int64'],
    },
  ]);

  inferenceTable(rnn, [
    {
      title: 'a single gate',
      inputs: [x, ...weights(1, 2)],
      outputs: 2,
      gives: [
        ['T', 1, 'N', 2],
        [1, 'N', 2],
      ],
    },
    {
      title: 'a hidden size that only the data tell',
      inputs: [x, { shape: [1, 'R', 3] }, { shape: [1, 'R', 'H'] }],
      fault: ['dynamic-shape', 'the hidden size of RNN is not known'],
    },
  ]);
});
